// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Userfaultfd } from '../../native/index.js';
import { runScript } from '../support/child.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

const SCRIPT = new URL('../support/readable-program.js', import.meta.url);
const ENSURED = /ensured: 40000 bytes\nright: 10000 of 10000\nRangeError\nRangeError\nRangeError/;

async function write({ resolution, delivery, flip }: Way, env: Record<string, string>, asItIs: RegExp): Promise<void> {
  const ended = await runScript(SCRIPT, [resolution, delivery, flip], { env });
  assert.is(ended.code, 0, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
  assert.match(ended.output, asItIs);
  assert.match(ended.output, ENSURED);
}

for (const way of CONCURRENT_WAYS) {
  if (way.delivery === 'signal') {
    test(`${nameOf(way)}: a system call on a page that is not published answers EFAULT, and not after ensureReadable`, () =>
      write(way, {}, /as it is: EFAULT/));
  } else {
    test(`${nameOf(way)}, faults of user code only: EFAULT, and not after ensureReadable`, () =>
      write(way, { CONTINUUM_SIMULATE: 'user-mode' }, /as it is: EFAULT/));

    const isPrivileged = Userfaultfd.offered().openedBy !== 'UFFD_USER_MODE_ONLY';
    if (!isPrivileged) console.log('skipped: this user gets faults of user code only');
    else {
      test(`${nameOf(way)}, faults of the kernel too: the system call waits for the page`, () =>
        write(way, {}, /as it is: 40000 bytes/));
    }
  }
}

test.run();
