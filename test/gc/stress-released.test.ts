// deadline: 600s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

// Free regions lose their memory, so pages are built into holes, and every fault on a target page is a MISSING one.
test('continue, flips by bank, no free memory kept', () =>
  runStress({ resolution: 'continue', flip: 'bank', cycles: 40, residentFree: 0 }));

test('copy, little free memory kept', () =>
  runStress({ resolution: 'copy', flip: 'remap', cycles: 40, residentFree: 4 }));

test.run();
