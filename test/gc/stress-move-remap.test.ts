// deadline: 540s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

test('2 mutators and 2 workers keep the model’s graph: move, flips by remap, resolved by a fault server', () =>
  runStress({ resolution: 'move', delivery: 'handler', flip: 'remap', cycles: 60 }));

test.run();
