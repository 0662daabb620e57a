// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MemoryCgroup } from '../support/cgroup.js';
import type { MemoryTask } from '../support/memory-program.js';
import { runWatched, type WatchOptions } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf, WAYS, type Way } from '../support/ways.js';

const SCRIPT = new URL('../support/memory-program.js', import.meta.url);
const MIB = 2 ** 20;

const run = (task: MemoryTask, options: WatchOptions = {}) => runWatched(SCRIPT, task, { injects: false, ...options });
const isShared = ({ resolution }: Way) => resolution === 'continue' || resolution === 'protect';

// A page of shared memory that cannot be had is SIGBUS for whoever touches it: a mutator, a worker, a thread that is
// in its signal handler already. All of them have to say so, and none may go on.
for (const way of CONCURRENT_WAYS.filter(isShared)) {
  for (const [mode, what] of [
    ['holes', 'any page of the workspace'],
    ['targets', 'a page that is to be built'],
  ] as const) {
    test(`${nameOf(way)}: no memory for ${what} ends the process with a message`, async () => {
      const { signal, code, output } = await run({ way, mode, heapMiB: 64 });
      assert.is(signal ?? code, 'SIGBUS', output);
      assert.match(
        output,
        /^continuum: thread \d+ got SIGBUS for page \d+ of the workspace .*there is no memory for it/m,
      );
    });
  }
}

for (const way of [WAYS[0]!, WAYS[4]!]) {
  test(`${nameOf(way)}: a process whose cgroup is full is ended by the kernel, and nothing hangs`, async () => {
    const group = MemoryCgroup.make(400 * MIB);
    if (typeof group === 'string') {
      console.log(`skipped: no memory cgroup can be made: ${group}`);
      return;
    }
    try {
      const { signal, output } = await run({ way, mode: 'fill', heapMiB: 1024 }, { shell: group.shell });
      assert.is(signal, 'SIGKILL', output);
      assert.ok(group.killed > 0, 'the kernel killed nobody for memory');
    } finally {
      group.remove();
    }
  });
}

for (const way of WAYS) {
  test(`${nameOf(way)}: too few addresses for a heap are one clear error`, async () => {
    const { signal, code, output } = await run({ way, mode: 'create', heapMiB: 512, addressMiB: 256 });
    if (/^skipped: .*$/m.test(output)) {
      console.log(/^skipped: .*$/m.exec(output)![0]);
      return;
    }
    assert.is(signal ?? code, 0, output);
    assert.match(output, /^error: SystemCallError: mmap answered ENOMEM for \d+ bytes/m);
  });
}

for (const way of WAYS.filter(isShared)) {
  test(`${nameOf(way)}: a limit on the size of files is one clear error`, async () => {
    const { signal, code, output } = await run(
      { way, mode: 'create', heapMiB: 64 },
      {
        shell: 'ulimit -c 0; ulimit -f 1000; exec "$@"',
      },
    );
    assert.is(signal ?? code, 0, output);
    assert.match(output, /^error: SystemCallError: memfd_create answered EFBIG for \d+ bytes/m);
  });
}

test.run();
