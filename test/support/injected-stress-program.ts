/** A process of its own: a stress run whose system calls fail now and then, or once at a time. */
import { writeSync } from 'node:fs';
import type { CollectorOptions, HeapChoices, Loss } from '../../gc/index.js';
import type { Heap } from '../../heap/index.js';
import { arm, disarm, type Rule, seenBy } from './inject.js';
import { type Meddler, type Meddling, meddle } from './meddlers.js';
import { runStress } from './stress-run.js';
import type { Way } from './ways.js';

export interface InjectedStress {
  readonly way: Way;
  readonly seed: number;
  readonly cycles: number;
  /** It ends after so long, whatever its cycles. */
  readonly seconds?: number;
  /** In force from the end of the first cycle on; or, `single`, one after the other, each for some cycles at most. */
  readonly rules: readonly Rule[];
  readonly single?: boolean;
  /** What others do to it from the end of the first cycle on. */
  readonly meddling?: Meddling;
  readonly residentFree?: number;
  readonly choices?: HeapChoices;
  readonly collector?: Partial<CollectorOptions>;
  readonly lose?: Omit<Loss, 'left'> & { readonly most: number };
}

const task = JSON.parse(process.argv[2]!) as InjectedStress;
const {
  way,
  seed,
  rules,
  cycles,
  seconds,
  single = false,
  meddling,
  lose,
  residentFree,
  choices,
  collector = {},
} = task;
process.env.CONTINUUM_SEED = String(seed);
const fired = rules.map(() => 0);
const calls = rules.map(() => 0);
const left = new Int32Array(new SharedArrayBuffer(4)).fill(lose?.most ?? 0);
let next = 0;
/** Cycles that the rule in force, one at a time, has been through in vain, and at which it is given up. */
let patience = 0;
const PATIENCE = 4;
let meddler: Meddler | undefined;

/** Rule number `rule` of the task is number `armed` of those in force. */
function count(rule: number, armed: number): void {
  ({ calls: calls[rule], fired: fired[rule] } = seenBy(armed));
}

/** Notes what the rules in force have hit. */
function note(): void {
  if (single) {
    if (next > 0 && next <= rules.length) count(next - 1, 0);
  } else for (let i = 0; i < rules.length; i++) count(i, i);
}

function afterCycle(heap: Heap): void {
  if (meddling) meddler ??= meddle(meddling, heap);
  if (lose) Atomics.store(left, 0, lose.most);
  if (single) {
    note();
    // One that has hit nothing stays for some cycles: they are not all alike.
    if (next > 0 && next <= rules.length && fired[next - 1] === 0 && ++patience < PATIENCE) return;
    patience = 0;
    const rule = rules[next++];
    if (rule === undefined) disarm();
    else arm([rule], seed);
  } else if (next++ === 0) arm(rules, seed);
}

async function end(verified: boolean, error = ''): Promise<never> {
  note();
  disarm();
  await meddler?.stop();
  writeSync(1, `end: ${JSON.stringify({ verified, error, calls, fired, meddled: meddler?.count ?? 0 })}\n`);
  process.exit(0);
}

try {
  await runStress({
    ...way,
    cycles,
    ...(single && { until: () => next > rules.length }),
    disturb: afterCycle,
    disturbed: true,
    ...(seconds !== undefined && { seconds }),
    ...(residentFree !== undefined && { residentFree }),
    ...(choices && { choices }),
    ...(lose && { lose: { ...lose, left } }),
    collector,
  });
} catch (error) {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  writeSync(2, `${error instanceof Error ? error.stack : text}\n`);
  await end(false, text);
}
await end(true);
