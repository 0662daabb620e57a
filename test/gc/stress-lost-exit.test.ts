// deadline: 900s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runLossy } from '../support/lossy-run.js';
import { nameOf, WAYS } from '../support/ways.js';

exitAfterwards(test);

for (const way of WAYS) {
  test(`${nameOf(way)}: workers that end before the flip cost an attempt, and nothing else`, () =>
    runLossy(way, { phases: ['mark', 'plan'], how: 'exit', chance: 0.02, most: 2, cycles: 12 }));

  test(`${nameOf(way)}: the pages of workers that end are finished by others, and by the collector`, () =>
    runLossy(way, { phases: ['compact', 'recover', 'serve'], how: 'exit', chance: 0.004, most: 4 }));
}

test.run();
