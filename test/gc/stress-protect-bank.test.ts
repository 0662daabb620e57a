// deadline: 540s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

test('2 mutators and 2 workers keep the model’s graph: protect, flips by bank, resolved in signal handlers', () =>
  runStress({ resolution: 'protect', delivery: 'signal', flip: 'bank', cycles: 60 }));

test.run();
