// deadline: 900s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

const WAYS = [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
] as const;

for (const way of WAYS) {
  test(`2 mutators without barrier code keep the model’s graph: ${way.resolution}, flips by ${way.flip}`, () =>
    runStress({ ...way, choices: { barrier: 'kernel' }, cycles: 100 }));
}

test.run();
