/** A fork without exec(2), as an addon or a debugger makes it: the child has nothing of a heap, and is in nobody's way. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { injectable } from '../support/watched.js';
import { nameOf, WAYS } from '../support/ways.js';

const it = injectable(test);
const SCRIPT = new URL('../support/forked-program.js', import.meta.url);

for (const way of WAYS.filter(({ resolution, delivery }) => delivery !== 'signal' || resolution === 'protect')) {
  it(`${nameOf(way)}: a forked child has nothing of the heap, and a collection beside it comes to its end`, async () => {
    const env = { CONTINUUM_INJECT: '1' };
    const ended = await runScript(SCRIPT, [way.resolution, way.delivery, way.flip], { env });
    assert.is(ended.code, 0, ended.output);
    const { copied, evacuatedBytes, childThere } = JSON.parse(ended.output);
    assert.equal(copied, []);
    assert.ok(evacuatedBytes > 0, 'nothing was moved beside the child');
    assert.ok(childThere, 'the collection has waited for the child to end');
  });
}

test.run();
