import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { injectable, runWatched } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);
const RELEASE = fileURLToPath(new URL('../../../native/build/Release/continuum.node', import.meta.url));
const RULES = new URL('../support/rules-program.js', import.meta.url);
const REFUSED = new URL('../support/refused-allocation-program.js', import.meta.url);

test('the addon that is shipped has nothing of it', () => {
  assert.not(readFileSync(RELEASE).includes('inject'));
});

it('the test build refuses what it is told, when it is told, and nothing unlawful', async () => {
  const { code, signal, output } = await runWatched(RULES, {});
  assert.is(signal ?? code, 0, output);
  assert.match(output, /^all rules kept$/m);
});

for (const way of CONCURRENT_WAYS.filter(({ resolution }) => resolution !== 'protect')) {
  for (const error of ['ENOMEM', 'ENOENT'] as const) {
    it(`${nameOf(way)}: an allocation that the kernel refuses (${error}) throws, and leaves the heap whole`, async () => {
      const { code, signal, output } = await runWatched(REFUSED, { way, error });
      assert.is(signal ?? code, 0, output);
      assert.match(output, /^refused 6 times$/m);
    });
  }
}

test.run();
