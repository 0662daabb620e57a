// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const SCRIPT = new URL('../support/readable-program.js', import.meta.url);
const ENSURED = /ensured: 40000 bytes\nright: 10000 of 10000\nRangeError\nRangeError\nRangeError/;

for (const way of CONCURRENT_WAYS) {
  test(`${nameOf(way)}: a system call on a page that is not published answers EFAULT, and not after ensureReadable`, async () => {
    const { resolution, delivery, flip } = way;
    const ended = await runScript(SCRIPT, [resolution, delivery, flip]);
    assert.is(ended.code, 0, `it ended with ${ended.signal ?? ended.code}: ${ended.output}`);
    assert.match(ended.output, /as it is: EFAULT/);
    assert.match(ended.output, ENSURED);
  });
}

test.run();
