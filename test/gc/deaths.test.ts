// deadline: 900s
import { test } from 'uvu';
import { runDeaths } from '../support/deaths-run.js';
import { exitAfterwards } from '../support/exit.js';
import { nameOf, WAYS } from '../support/ways.js';

exitAfterwards(test);

for (const way of WAYS) {
  test(`${nameOf(way)}: threads that are terminated, exit, throw or run out of memory have left`, () =>
    runDeaths({ way, ends: ['terminate', 'terminate', 'terminate', 'exit', 'throw', 'out of memory'], deaths: 8 }));
}

test.run();
