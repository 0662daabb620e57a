/**
 * The barrier in the mutators' own code: a snapshot at the beginning. Stores log what they overwrite (heap/barrier.ts),
 * and what was reachable when marking began is kept.
 *
 * Two handshake rounds before the first object is traced. The first turns every mutator's barrier on; only when all
 * log does the second scan a stack, after which that mutator allocates black. With the rounds merged, a mutator whose
 * barrier is still off could store into a black object and nobody would know (see heap/barrier.ts).
 */
import { Barrier, Control, GLOBAL_SLOTS, Own, ownBase, Tlab } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';
import type { WriteBarrier } from './barrier.js';

/** Rounds of tracing what the barrier logged, while mutators run, before the pause takes the rest. */
const LOG_ROUNDS = 2;

export class SoftwareBarrier implements WriteBarrier {
  readonly name = 'software';

  constructor(private readonly world: World) {}

  async begin({ cycle }: CycleRecord): Promise<void> {
    const { heap, safepoints } = this.world;
    const { control, kernels, meta } = heap;
    // In this order: a mutator that attaches now reads CYCLE, BARRIER, and CYCLE again.
    Atomics.store(control, Control.BARRIER, Barrier.BOTH);
    Atomics.store(control, Control.CYCLE, cycle);
    await safepoints.handshake((mutator) => {
      control[ownBase(mutator) + Own.BARRIER] = Barrier.BOTH;
      control[ownBase(mutator) + Own.BORN] = cycle - 1;
    });
    Atomics.store(control, Control.BARRIER, Barrier.OLD);
    await safepoints.handshake((mutator) => {
      // What it allocates from now on is in regions opened in this cycle.
      const tlab = new Tlab(heap, mutator).reload();
      tlab.close();
      tlab.publish();
      kernels.shade(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
      this.shadeLog(mutator);
      control[ownBase(mutator) + Own.BARRIER] = Barrier.OLD;
      control[ownBase(mutator) + Own.BORN] = cycle;
    });
    kernels.shade(meta.globals, GLOBAL_SLOTS);
  }

  async between(_cycle: CycleRecord, round: number): Promise<boolean> {
    await this.world.safepoints.handshake((mutator) => this.shadeLog(mutator));
    return round < LOG_ROUNDS && this.world.heap.kernels.hasWork();
  }

  end(_cycle: CycleRecord, held: readonly number[]): void {
    const { control } = this.world.heap;
    for (const mutator of held) {
      this.shadeLog(mutator);
      control[ownBase(mutator) + Own.BARRIER] = Barrier.OFF;
    }
    Atomics.store(control, Control.BARRIER, Barrier.OFF);
  }

  async leave(): Promise<void> {}

  /** Shades what a mutator that is held has logged. */
  private shadeLog(mutator: number): void {
    const { heap, options } = this.world;
    const { control, kernels, meta } = heap;
    const logged = ownBase(mutator) + Own.LOGGED;
    if (!options.sabotage?.dropBarrier) kernels.shade(meta.log(mutator), control[logged]);
    control[logged] = 0;
  }
}
