/** Signals on an alternate stack: a crash reporter's, and a small one under a mutator. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Ended, runScript } from '../support/child.js';
import { injectable } from '../support/watched.js';
import { CONCURRENT_WAYS, nameOf } from '../support/ways.js';

const it = injectable(test);
const SCRIPT = new URL('../support/stack-program.js', import.meta.url);
const run = (...args: readonly string[]): Promise<Ended> => runScript(SCRIPT, args, { env: { CONTINUUM_INJECT: '1' } });
const WAYS = CONCURRENT_WAYS.filter(({ delivery, flip }) => delivery === 'signal' && flip === 'remap');

it('an overflow of the stack reaches the handler that was there before, on its own stack', async () => {
  const ended = await run('overflow', 'continue', 'bank');
  assert.match(ended.output, /the crash reporter was called/, `${ended.signal ?? ended.code}: ${ended.output}`);
  assert.is(ended.code, 7);
});

for (const way of WAYS) {
  it(`${nameOf(way)}: a mutator whose thread has a small alternate stack makes its pages right`, async () => {
    const ended = await run('hammer', way.resolution, way.flip);
    assert.is(ended.code, 0, `${ended.signal}: ${ended.output}`);
    const [faults = 0, built = 0] = (ended.output.match(/\d+/g) ?? []).map(Number);
    assert.ok(faults > 0 && built > 0, ended.output);
  });
}

it('a stack that was made too small after a mutator attached is named', async () => {
  const ended = await run('late', 'continue', 'bank');
  assert.is(ended.signal, 'SIGBUS', ended.output);
  assert.match(ended.output, /alternate stack .* \d+ bytes are left .* needs 8192/);
});

test.run();
