/** Stress runs in which threads of the collector are lost at random points. */
import type { Loss, Step } from '../../gc/index.js';
import { runStress } from './stress-run.js';
import type { Way } from './ways.js';

export interface LossyOptions {
  readonly phases: readonly Step[];
  readonly how: Loss['how'];
  /** Chance at a step: a slice of marking, a region of a plan, a page, a fault. */
  readonly chance: number;
  /** Threads that may be lost in a cycle: fewer than the attempts that a cycle and a server have. */
  readonly most: number;
  readonly cycles?: number;
}

/** The same as a stress run, and fails if nobody was lost. */
export async function runLossy(way: Way, { phases, how, chance, most, cycles = 20 }: LossyOptions): Promise<void> {
  const left = new Int32Array(new SharedArrayBuffer(4)).fill(most);
  // With the world stopped mutators do little from one cycle to the next, and there are few steps to be lost at.
  const often = way.resolution === 'stw' ? 20 * chance : chance;
  const onCycle = () => void Atomics.store(left, 0, most);
  await runStress({ ...way, cycles, lose: { phases, how, chance: Math.min(1, often), left }, collector: { onCycle } });
}
