/** What random refusals each way is put to, and what must come of them. */
import * as assert from 'uvu/assert';
import type { Sabotage } from '../../gc/index.js';
import { type CallName, type Errno, publishes, type Rule } from './inject.js';
import type { InjectedStress } from './injected-stress-program.js';
import { chooseSeed } from './random.js';
import { type End, endOf, runWatched } from './watched.js';
import type { Way } from './ways.js';

const SCRIPT = new URL('./injected-stress-program.js', import.meta.url);
const FOREVER = 1e12;

export interface Refusals {
  readonly error: Errno;
  readonly rules: readonly Rule[];
  /** Whether the run must go on as if nothing had been; else it may end with one clear error. */
  readonly mended: boolean;
  /** What makes threads wait for each other. */
  readonly sabotage?: Sabotage;
}

/** Each errno that calls of this way may answer, at random points. */
export function refusalsOf(way: Way): Refusals[] {
  const call = publishes(way);
  const often = (name: CallName, error: Errno, chance: number, more: Partial<Rule> = {}): Rule => ({
    ...{ call: name, error, chance, times: FOREVER },
    ...more,
  });
  const bySignal = way.delivery === 'signal';
  const waits: CallName[] = bySignal ? ['futex'] : ['read', 'poll'];
  const everywhere: CallName[] = ['mmap', 'mremap', 'register', 'madvise', 'fallocate'];
  // A page is CLAIMED for long now and then, so that mutators have to wait for whoever is at it.
  const sabotage: Sabotage = { delay: { phases: ['compact'], chance: 0.05, ms: 3 } };
  const interrupted = [...waits, 'fallocate' as const].map((name) => often(name, 'EINTR', 0.5));
  const refusals: Refusals[] = [
    { error: 'EINTR', mended: true, rules: interrupted, sabotage },
    { error: 'ENOMEM', mended: false, rules: [often(call, 'ENOMEM', 0.002)] },
    { error: 'ENOMEM', mended: false, rules: everywhere.map((name) => often(name, 'ENOMEM', 0.03)) },
  ];
  const again = often(bySignal ? 'futex' : 'read', 'EAGAIN', 0.5);
  if (call === 'mprotect') {
    // The process has no mapping left: which passes, as published ranges grow together.
    refusals[1] = { error: 'ENOMEM', mended: true, rules: [often(call, 'ENOMEM', 0.1, { where: 'handler' })] };
    refusals.push({ error: 'ENOMEM', mended: false, rules: [often(call, 'ENOMEM', 0.02, { where: 'elsewhere' })] });
    return [{ error: 'EAGAIN', mended: true, rules: [again], sabotage }, ...refusals];
  }
  const inPart = [1, 3].map((pages) => often(call, 'EAGAIN', 0.1, { pages }));
  return [
    { error: 'EAGAIN', mended: true, rules: [often(call, 'EAGAIN', 0.1), ...inPart, again] },
    { error: 'EEXIST', mended: true, rules: [often(call, 'EEXIST', 0.1)] },
    // Somebody else has moved the page, which he can only where it is READY: a handler moves what it has claimed. Of the
    // others it says that the registration is lost.
    way.resolution === 'move'
      ? { error: 'ENOENT', mended: true, rules: [often(call, 'ENOENT', 0.1, { where: 'elsewhere' })] }
      : { error: 'ENOENT', mended: false, rules: [often(call, 'ENOENT', 0.002)] },
    ...(way.resolution === 'move'
      ? [{ error: 'EBUSY' as const, mended: true, rules: [often(call, 'EBUSY', 0.1)] }]
      : []),
    ...refusals,
  ];
}

/** A stress run in a process of its own. Fails where it hangs, or ends with neither a verified heap nor a clear error. */
export async function runInjected(task: Omit<InjectedStress, 'seed'>): Promise<End> {
  const full = { seed: chooseSeed(), ...task };
  const watched = await runWatched(SCRIPT, full);
  const end = endOf(watched);
  console.log(
    `  seed ${full.seed}, hit ${end.fired.join(' + ')} times, meddled ${end.meddled}: ${end.verified ? 'verified' : end.error}`,
  );
  return end;
}

/** How likely a rule may be to hit none of its calls, before nothing is said of it. */
const BAD_LUCK = 1e-4;

/** All its rules that were about more than a few calls have hit something; or so many of all. */
export function assertHit({ fired, calls }: End, rules: readonly Rule[], atLeast?: number): void {
  const hit = fired.filter((count) => count > 0).length;
  const few = rules.filter(({ chance = 1 }, i) => calls[i]! < 1 || (1 - chance) ** calls[i]! > BAD_LUCK).length;
  if (atLeast === undefined && few > 0) console.log(`skipped: ${few} of ${calls.length} rules, about a few calls only`);
  assert.ok(
    hit >= (atLeast ?? fired.length - few),
    `of ${fired.length} rules ${hit} hit anything: ${fired} of ${calls} calls`,
  );
}
