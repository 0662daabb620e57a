/** The collectors of a JVM, how each is chosen, and what it is told of threads. */
import type { JavaHome } from './java-homes.js';
import type { PeerName } from './names.js';

export type CollectorName = Exclude<PeerName, 'v8'>;

export interface Flavour {
  readonly peer: CollectorName;
  /** What tells it from the same collector's usual way. */
  readonly mode?: string;
  readonly flags: readonly string[];
}

/**
 * What a release offers of a collector, if it was built in. ZGC is generational from 23 on, and could be in 21 and 22
 * (JEP 439, 474); Shenandoah can be from 25 on (JEP 521).
 */
export function flavoursOf(peer: CollectorName, release: number): Flavour[] {
  const plain: Flavour = { peer, flags: [`-XX:+Use${classNames[peer]}`] };
  const generational = (flag: string): Flavour => ({ peer, mode: 'generational', flags: [...plain.flags, flag] });
  if (peer === 'zgc' && (release === 21 || release === 22)) return [plain, generational('-XX:+ZGenerational')];
  if (peer === 'shenandoah' && release >= 25) return [plain, generational('-XX:ShenandoahGCMode=generational')];
  return [plain];
}

const classNames: Readonly<Record<CollectorName, string>> = {
  serial: 'SerialGC',
  parallel: 'ParallelGC',
  g1: 'G1GC',
  zgc: 'ZGC',
  shenandoah: 'ShenandoahGC',
};

/**
 * As many threads beside the mutators as ours has workers; in pauses the mutators' processors are idle and are used,
 * as a JVM does by itself. On two cores with one worker and one mutator that is what it chooses anyway.
 */
export function threadFlags(peer: CollectorName, gcWorkers: number, mutators: number): string[] {
  const inPauses = `-XX:ParallelGCThreads=${gcWorkers + mutators}`;
  const beside = `-XX:ConcGCThreads=${gcWorkers}`;
  if (peer === 'serial') return [];
  return peer === 'parallel' ? [inPauses] : [inPauses, beside];
}

/** The first release that compiles the sources. */
export const leastRelease = 17;

/** A collector of a JVM on this machine. */
export interface Candidate extends Flavour {
  readonly java: JavaHome;
}
