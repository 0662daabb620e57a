// deadline: 900s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runLossy } from '../support/lossy-run.js';
import { nameOf, WAYS } from '../support/ways.js';

exitAfterwards(test);

for (const way of WAYS) {
  test(`${nameOf(way)}: workers that throw before the flip cost an attempt, and nothing else`, () =>
    runLossy(way, { phases: ['mark', 'plan'], how: 'throw', chance: 0.02, most: 2, cycles: 12 }));

  test(`${nameOf(way)}: the pages of workers that throw are finished by others, and by the collector`, () =>
    runLossy(way, { phases: ['compact', 'recover', 'serve'], how: 'throw', chance: 0.004, most: 4 }));
}

test.run();
