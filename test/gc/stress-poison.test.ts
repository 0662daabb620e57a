// deadline: 720s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runStress } from '../support/stress-run.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

exitAfterwards(test);

// Nobody strays here: regions are evacuated, poisoned, opened again, and hold what is put there.
for (const way of CONCURRENT_WAYS.filter(({ resolution }) => resolution !== 'protect')) {
  test(`${nameOf(way)}: regions that were poisoned are used again`, () =>
    runStress({ ...way, choices: { poison: true }, cycles: 20 }));
}

test.run();
