// deadline: 900s
/**
 * A mutator that writes over its headers, or stores numbers that are no references: the collector says so, in every way
 * there is to collect, and nothing is read outside the heap. Processes of their own, so that a crash is a failed test.
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { nameOf, WAYS } from '../support/ways.js';

const OBJECTS = new URL('../support/hostile-objects-program.js', import.meta.url);
const SAID =
  /: (?:RangeError|Error|HeapError|WorkerLost): .*(?:is no reference into this heap|where no object stands|given up|gave up)/;

for (const way of WAYS) {
  test(`${nameOf(way)}: what is no object ends the collection with an error`, async () => {
    const { resolution, delivery, flip } = way;
    const { code, signal, output } = await runScript(OBJECTS, [resolution, delivery, flip], { deadlineMs: 100_000 });
    assert.is(signal, null, `it ended with ${signal} in the last of these: ${output}`);
    assert.is(code, 0, output);
    const lines = output.split('\n').filter((line) => /^a (reference|header)/.test(line));
    assert.ok(lines.length >= 12, output);
    for (const line of lines) assert.match(line, SAID);
  });
}

test.run();
