// deadline: 900s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

test('2 mutators and 2 workers keep the model’s graph: continue, flips by remap', () =>
  runStress({ resolution: 'continue', flip: 'remap' }));

test.run();
