// deadline: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { DeathsOptions } from '../support/deaths-run.js';
import { injectable, runWatched } from '../support/watched.js';
import { nameOf, WAYS } from '../support/ways.js';

const SCRIPT = new URL('../support/deaths-program.js', import.meta.url);
const it = injectable(test);

/** What is tried here does not hang on the way: one by each of what differs most. */
const SOME = WAYS.filter(({ resolution, delivery }) =>
  `${resolution} ${delivery}`.match(/continue handler|copy signal|stw/),
);

for (const way of SOME) {
  it(`${nameOf(way)}: a thread that ends without a destructor, a handler or an event has left`, async () => {
    const task: DeathsOptions = { way, ends: ['native'], deaths: 6 };
    const { output } = await runWatched(SCRIPT, task);
    assert.match(output, /^end: all is well$/m, output);
    console.log(output.split('\n', 3).join('\n'));
  });
}

test.run();
