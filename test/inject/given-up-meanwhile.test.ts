/** A heap may be given up at any time: who is in its signal handler with a page in its hands comes to the end of it. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runScript } from '../support/child.js';
import { injectable } from '../support/watched.js';

const it = injectable(test);

it('continue × signal: a heap that is given up waits for a mutator that is at a page, and lets nobody see it before', async () => {
  const options = { deadlineMs: 60_000, env: { CONTINUUM_INJECT: '1' } };
  const ended = await runScript(new URL('../support/given-up-program.js', import.meta.url), [], options);
  const { output } = ended;
  assert.match(output, /given up in the middle/);
  assert.match(output, /the mutator: right\n/);
  assert.match(output, /the mutator: HeapError: /);
  assert.match(output, /the collector, next time: HeapError: /);
  assert.match(output, /the end/);
  assert.is(ended.code, 0, output);
});

test.run();
