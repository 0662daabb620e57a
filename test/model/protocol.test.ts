// deadline: 900s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pages } from '../../gc/protocol.js';
import { PageState } from '../../heap/index.js';
import { type Bounds, type Found, hasSpin, search } from './protocol/spin.js';
import { modelStates, modelSteps, nativeStates } from './protocol/states.js';

/** What is searched each time: the whole of it, within these bounds; the others are in protocol.pml and ahead.pml. */
const CONFIGURATIONS: readonly { model?: string; bounds: Bounds; cycles?: boolean }[] = [
  { bounds: { PAGES: 2, MUTATORS: 1 }, cycles: true },
  { bounds: { PAGES: 1, MUTATORS: 2 } },
  { bounds: { PAGES: 3, REGION_PAGES: 2 } },
  { bounds: { PAGES: 2, DROPS: 1 } },
  { bounds: { PAGES: 2, DEATHS: 1 } },
  { bounds: { PAGES: 1, DEATHS: 1 }, cycles: true },
  { bounds: { PAGES: 1, SERVERS: 2, DEATHS: 1 } },
  { bounds: { PAGES: 1, FLIPS: 2, TOUCHES: 2, DEATHS: 1 } },
  { bounds: { PAGES: 2, FLIPS: 2, TOUCHES: 2 } },
  { bounds: { PAGES: 2, COPY: true, DEATHS: 1 } },
  { bounds: { PAGES: 2, WORKERS: 2, REGION_PAGES: 1 } },
  { bounds: { SERVERS: 0, PAGES: 2, MUTATORS: 2 } },
  { bounds: { SERVERS: 0, PAGES: 1, MUTATORS: 2 }, cycles: true },
  { bounds: { SERVERS: 0, PAGES: 2, DEATHS: 1 } },
  { bounds: { SERVERS: 0, PAGES: 1, MUTATORS: 2, DEATHS: 1 } },
  { bounds: { SERVERS: 0, PAGES: 2, COPY: true, DEATHS: 1 } },
  { bounds: { SERVERS: 0, PAGES: 2, FLIPS: 2, TOUCHES: 2, DROPS: 1 } },
  { model: 'ahead.pml', bounds: { MUTATORS: 2, STORES: 2 } },
  { model: 'ahead.pml', bounds: { MUTATORS: 2, DROPS: 1 } },
  { model: 'ahead.pml', bounds: { MUTATORS: 1, DROPS: 2 }, cycles: true },
  { model: 'views.pml', bounds: { PAGES: 2, MUTATORS: 2 } },
  { model: 'views.pml', bounds: { PAGES: 3 } },
  { model: 'views.pml', bounds: { PAGES: 2, MUTATORS: 2, REMAP: true } },
];

test('the models and the code speak of the same states, and of the same steps', () => {
  const states = Object.entries(PageState).sort(([, a], [, b]) => a - b);
  for (const file of ['words.pml', 'ahead.pml']) {
    assert.equal(
      modelStates(file),
      states.map(([name]) => name),
      file,
    );
  }
  assert.equal(nativeStates(), { ...PageState });
  const looks = ['constructor', 'state', 'slot', 'meaning'];
  const steps = Object.getOwnPropertyNames(Pages.prototype).filter((name) => !looks.includes(name));
  assert.equal(modelSteps('words.pml').sort(), steps.sort());
});

/** Where it has to be there, it has to be there. */
const missing = !hasSpin() && process.env.CI === undefined;
if (missing) console.log('skipped: SPIN is not installed (apt-get install spin gcc)');
const checked = missing ? test.skip : test;

for (const { model = 'protocol.pml', bounds, cycles = false } of CONFIGURATIONS) {
  const said = Object.entries(bounds)
    .map(([name, value]) => (value === true ? name : `${name}=${value}`))
    .join(' ');
  const what = cycles ? 'comes to an end' : 'holds';
  checked(`${model} ${what} in every order: ${said}`, () => {
    const found = search({ model, bounds, cycles });
    tell(`${model} ${said}${cycles ? ' (cycles)' : ''}`, found);
    assert.is(found.violation, 'none', `${found.text}\n${found.trail.slice(-6000)}`);
    assert.ok(found.states > 1000, `${found.states} states are no search`);
  });
}

function tell(what: string, { states, depth, seconds }: Found): void {
  console.log(`figures: ${what}: ${states} states, depth ${depth}, ${seconds.toFixed(1)} s`);
}

test.run();
