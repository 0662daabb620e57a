// deadline: 300s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

// A server that is lost has often claimed a page. The compaction may be over for everybody else when that is known.
for (const how of ['throw', 'exit'] as const) {
  test(`fault servers are lost with the page they have claimed (${how})`, () =>
    runStress({
      resolution: 'continue',
      flip: 'bank',
      seconds: 20,
      lose: { phases: ['serve'], chance: how === 'throw' ? 0.01 : 0.003, how },
    }));
}

test.run();
