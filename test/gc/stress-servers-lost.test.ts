// deadline: 720s
import { test } from 'uvu';
import { exitAfterwards } from '../support/exit.js';
import { runLossy } from '../support/lossy-run.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

exitAfterwards(test);

// As long as there are any to be lost: every third message loses its server, which takes the rest of its messages along.
for (const way of CONCURRENT_WAYS.filter(({ delivery }) => delivery === 'handler')) {
  for (const how of ['throw', 'exit'] as const) {
    test(`${nameOf(way)}: no fault is forgotten with the server that read it (${how})`, () =>
      runLossy(way, { phases: ['serve'], how, chance: 0.3, most: 7, cycles: 24 }));
  }
}

test.run();
