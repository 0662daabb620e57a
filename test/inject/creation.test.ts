/** A heap that cannot be made leaves nothing behind, whatever could not be had. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Holding, Holdings } from '../soak/leaks.js';
import { runScript } from '../support/child.js';
import { injectable } from '../support/watched.js';
import { nameOf, WAYS } from '../support/ways.js';

const it = injectable(test);
const SCRIPT = new URL('../support/refused-creation-program.js', import.meta.url);
const HELD: readonly Holding[] = ['descriptors', 'userfaultfds', 'memfds', 'mappings', 'memfdMappings'];

for (const way of WAYS.filter(({ delivery }) => delivery !== 'handler')) {
  it(`${nameOf(way)}: each call that making a heap needs is refused once, and nothing is left`, async () => {
    const env = { CONTINUUM_INJECT: '1' };
    const ended = await runScript(SCRIPT, [way.resolution, way.delivery, way.flip], { env });
    assert.is(ended.code, 0, ended.output);
    const { refused, before, after } = JSON.parse(ended.output) as Record<'before' | 'after', Holdings> & {
      refused: number;
    };
    assert.ok(refused >= 2, `${refused} refusals`);
    for (const kind of HELD) assert.is(after[kind], before[kind], `${kind}, after ${refused} heaps were not made`);
  });
}

test.run();
