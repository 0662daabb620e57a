/**
 * A process that abuses one function of the addon. Each call is noted in a file before it is made, so that a crash has
 * a name. Prints what was not refused, and ends with 1 if there was anything.
 *
 *     node hostile-addon-program.js FUNCTION JOURNAL SEED
 */
import { openSync, writeSync } from 'node:fs';
import { addon } from '../../native/loader.js';
import { makeWorld, type Spec } from './hostile-addon.js';
import { HOSTILE, type Hostile } from './hostile-values.js';
import { Random } from './random.js';

const RANDOM_CALLS = 1500;
/** Failures that are shown; the first says it all. */
const SHOWN = 10;

type Exported = (...args: readonly unknown[]) => unknown;

const [name = '', journalFile = '', seed = ''] = process.argv.slice(2);
const journal = openSync(journalFile, 'w');
const exported = (addon as Record<string, Exported>)[name]!;
const world = makeWorld();
const spec = world.specs[name]!;
const valid = spec.arguments.map(({ value }) => value);
const ownIds = new Set(valid);
const hostile: readonly Hostile[] = [
  ...HOSTILE,
  ...world.foreignIds.filter((id) => !ownIds.has(id)).map((id) => ({ name: `the id ${id}`, make: () => id })),
];
const troubles: string[] = [];
let calls = 0;

function note(what: string): void {
  writeSync(journal, `${name}(${what})`.slice(0, 500).padEnd(500), 0);
}

/** Whether an answer says that nothing was done: a documented -errno, or undefined where there is to be a buffer. */
function refuses(answer: unknown): boolean {
  return (typeof answer === 'number' && answer < 0) || (name === 'mappingBuffer' && answer === undefined);
}

function mustRefuse(args: readonly unknown[], what: string): void {
  note(what);
  calls++;
  try {
    const answer = exported(...args);
    if (!refuses(answer)) troubles.push(`${name}(${what}) answered ${String(answer)}`);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) troubles.push(`${name}(${what}) threw ${error}`);
  }
}

function mustSucceed({ succeeded, lacking }: Spec): void {
  note('what it works with');
  if (lacking !== undefined) {
    console.log(`skipped: ${name} with good arguments: ${lacking}`);
    return;
  }
  try {
    const answer = exported(...valid);
    const good = succeeded?.(answer) ?? (typeof answer === 'number' && answer >= 0);
    if (!good) troubles.push(`${name} answered ${String(answer)} to what it works with`);
  } catch (error) {
    troubles.push(`${name} threw ${error} at what it works with`);
  }
}

/** `chosen`: by place, what stands there instead; undefined: what works. Nothing is called where all would be right. */
function abuse(chosen: readonly (Hostile | undefined)[]): void {
  const made = chosen.map((one) => one?.make());
  if (spec.arguments.every(({ allows }, i) => chosen[i] === undefined || allows(made[i]))) return;
  const args = spec.arguments.map(({ value }, i) => (chosen[i] === undefined ? value : made[i]));
  if (spec.trivial?.(args)) return;
  mustRefuse(args, chosen.map((one) => one?.name ?? 'good').join(', '));
}

for (let place = 0; place < valid.length; place++) {
  for (const value of hostile) abuse(valid.map((_, i) => (i === place ? value : undefined)));
}
for (const value of hostile) abuse(valid.map(() => value));
for (let given = 0; given < valid.length; given++) {
  if (spec.arguments.slice(given).some(({ allows }) => !allows(undefined))) {
    mustRefuse(valid.slice(0, given), `${given} of ${valid.length} arguments`);
  }
}
const random = new Random(Number(seed));
for (let i = 0; valid.length > 0 && i < RANDOM_CALLS; i++) {
  abuse(valid.map(() => (random.chance(0.5) ? random.pick(hostile) : undefined)));
}
world.check();
mustSucceed(spec);
if (spec.timeless !== true) {
  world.close();
  for (const when of ['closed', 'closed, again']) mustRefuse(valid, when);
}
world.check();
for (const trouble of troubles.slice(0, SHOWN)) console.log(trouble);
console.log(`${calls} calls, ${troubles.length} not as they should be`);
process.exit(troubles.length === 0 ? 0 : 1);
