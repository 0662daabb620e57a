// deadline: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Reads } from '../support/foreign-reader.js';
import { injectable, runWatched } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);
const SCRIPT = new URL('../support/foreign-reader-program.js', import.meta.url);
const CYCLES = 6;

for (const way of CONCURRENT_WAYS) {
  it(`${nameOf(way)}: whatever is read from outside, at any moment, mutators see forwarded pages only`, async () => {
    const { code, signal, output } = await runWatched(SCRIPT, { way, cycles: CYCLES });
    assert.is(code, 0, `it ended with ${signal ?? code}:\n${output}`);
    const { looks, read, refused, left } = JSON.parse(/^end: (.*)$/m.exec(output)![1]!) as Reads & {
      left: number;
    };
    assert.is(left, 0, 'what was read while the heap was made is mapped in its views');
    console.log(`  ${looks} looks: ${read} pages read, ${refused} refused`);
    assert.ok(looks >= 2 * CYCLES, `${looks} looks`);
    assert.ok(read > 0, 'nothing could be read: nobody tried to do harm');
    // What mprotect guards can be read from outside at any time, and is none the worse for it.
    if (way.resolution !== 'protect') assert.ok(refused > 0, 'nothing was refused: no view was under watch');
  });
}

test.run();
