// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MUTATIONS } from './protocol/mutations.js';
import { hasSpin, search } from './protocol/spin.js';

const missing = !hasSpin() && process.env.CI === undefined;
if (missing) console.log('skipped: SPIN is not installed (apt-get install spin gcc)');
const checked = missing ? test.skip : test;

for (const { name, model = 'protocol.pml', bounds, patches, violation, says } of MUTATIONS) {
  checked(`SPIN finds: ${name}`, () => {
    const found = search({ model, bounds, patches, optimise: '-O0' });
    console.log(`${name}: ${found.text} (${found.states} states, depth ${found.depth})`);
    assert.is(found.violation, violation, found.text);
    if (says !== undefined) assert.match(found.text, says);
    assert.ok(found.trail.includes('proc'), 'with the steps that lead to it');
  });
}

test.run();
