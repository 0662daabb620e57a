// deadline: 300s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

/** In a cycle: half of those that are replaced before the heap is given up. */
const MOST = 4;

// A server that is lost has often claimed a page. The compaction may be over for everybody else when that is known.
for (const how of ['throw', 'exit'] as const) {
  const left = new Int32Array(new SharedArrayBuffer(4)).fill(MOST);
  test(`fault servers are lost with the page they have claimed (${how})`, () =>
    runStress({
      resolution: 'continue',
      flip: 'bank',
      seconds: 20,
      lose: { phases: ['serve'], chance: 0.05, how, left },
      collector: { onCycle: () => void Atomics.store(left, 0, MOST) },
    }));
}

test.run();
