/** What random refusals each way is put to, and what must come of them. */
import * as assert from 'uvu/assert';
import type { Sabotage } from '../../gc/index.js';
import type { CallName, Errno, Rule } from './inject.js';
import type { InjectedStress } from './injected-stress-program.js';
import { chooseSeed } from './random.js';
import { type End, endOf, runWatched } from './watched.js';
import type { Way } from './ways.js';

const SCRIPT = new URL('./injected-stress-program.js', import.meta.url);
const FOREVER = 1e12;

/** The call that publishes pages. */
export function publishes({ resolution }: Way): CallName {
  return resolution === 'protect' ? 'mprotect' : (resolution as CallName);
}

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
  const sabotage: Sabotage = { delay: { phases: ['compact'], chance: 0.02, ms: 2 } };
  const interrupted = [...waits, 'fallocate' as const].map((name) => often(name, 'EINTR', 0.3));
  const refusals: Refusals[] = [
    { error: 'EINTR', mended: true, rules: interrupted, sabotage },
    { error: 'ENOMEM', mended: false, rules: [often(call, 'ENOMEM', 0.002)] },
    { error: 'ENOMEM', mended: false, rules: everywhere.map((name) => often(name, 'ENOMEM', 0.03)) },
  ];
  const again = often(bySignal ? 'futex' : 'read', 'EAGAIN', 0.3);
  if (call === 'mprotect') {
    // The process has no mapping left: which passes, as published ranges grow together.
    refusals[1] = { error: 'ENOMEM', mended: true, rules: [often(call, 'ENOMEM', 0.02)] };
    return [{ error: 'EAGAIN', mended: true, rules: [again], sabotage }, ...refusals];
  }
  const inPart = [1, 3].map((pages) => often(call, 'EAGAIN', 0.1, { pages }));
  return [
    { error: 'EAGAIN', mended: true, rules: [often(call, 'EAGAIN', 0.1), ...inPart, again] },
    { error: 'EEXIST', mended: true, rules: [often(call, 'EEXIST', 0.1)] },
    // Somebody else has moved the page; of the others it says that the registration is lost.
    way.resolution === 'move'
      ? { error: 'ENOENT', mended: true, rules: [often(call, 'ENOENT', 0.1)] }
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
  console.log(`  seed ${full.seed}, hit ${end.fired.join(' + ')} times: ${end.verified ? 'verified' : end.error}`);
  return end;
}

/** All its rules have hit something, or so many of them. */
export function assertHit({ fired }: End, atLeast = fired.length): void {
  const hit = fired.filter((count) => count > 0).length;
  assert.ok(hit >= atLeast, `of ${fired.length} rules ${hit} hit anything: ${fired}`);
}
