// deadline: 900s
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { publishes } from '../support/inject.js';

import type { InjectedStress } from '../support/injected-stress-program.js';
import { injectable, runWatched } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf, type Way } from '../support/ways.js';

const SCRIPT = new URL('../support/injected-stress-program.js', import.meta.url);
const it = injectable(test);

interface Armed {
  /** Of the memory that its heap is made of; none where it is private. */
  readonly inodes: readonly number[];
  /** A process that it had started in the middle of a compaction. */
  readonly child: number;
}

/** Ends a process by `signal` while it compacts and a mutator waits. What it had said of itself, and how it ended. */
async function end(way: Way, signal: NodeJS.Signals): Promise<{ armed: Armed; signal: string | null }> {
  // Publishing is slow, so that there is a middle of a compaction.
  const rules = [{ call: publishes(way), chance: 0.2, times: 1e12, beforeUs: 20_000 }];
  const task: InjectedStress = { way, seed: 1, cycles: 1e6, rules, meddling: 'announce' };
  let armed: Armed | undefined;
  const ended = await runWatched(SCRIPT, task, {
    onOutput(output, child) {
      const said = /^armed: (.*)$/m.exec(output)?.[1];
      if (armed !== undefined || said === undefined) return;
      armed = JSON.parse(said) as Armed;
      child.kill(signal);
    },
  });
  assert.ok(armed !== undefined, `it was not seen to compact:\n${ended.output}`);
  return { armed, signal: ended.signal };
}

/** Processes that hold the memory with one of these inodes, by a descriptor or a mapping. */
function holders(inodes: readonly number[]): string[] {
  const found = new Set<string>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const path = `/proc/${pid}/fd/${fd}`;
        if (readlinkSync(path).includes('memfd:continuum-heap') && inodes.includes(statSync(path).ino)) found.add(pid);
      }
      for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
        if (line.includes('memfd:continuum-heap') && inodes.includes(Number(line.split(/\s+/)[4]))) found.add(pid);
      }
    } catch {
      // it has ended meanwhile, or is not ours to look into
    }
  }
  return [...found];
}

for (const way of CONCURRENT_WAYS) {
  it(`${nameOf(way)}: kill -9 in the middle of a compaction leaves nothing behind`, async () => {
    const { armed, signal } = await end(way, 'SIGKILL');
    try {
      assert.is(signal, 'SIGKILL');
      assert.is(armed.inodes.length > 0, way.resolution === 'continue' || way.resolution === 'protect');
      assert.ok(statSync(`/proc/${armed.child}`), 'its child lives on');
      assert.equal(holders(armed.inodes), []);
    } finally {
      process.kill(armed.child, 'SIGKILL');
    }
  });
}

for (const [i, way] of CONCURRENT_WAYS.entries()) {
  const wanted = i % 2 === 0 ? 'SIGTERM' : 'SIGINT';
  it(`${nameOf(way)}: ${wanted} ends a process whose mutators wait for pages`, async () => {
    const { armed, signal } = await end(way, wanted);
    process.kill(armed.child, 'SIGKILL');
    assert.is(signal, wanted);
    assert.equal(holders(armed.inodes), []);
  });
}

test.run();
