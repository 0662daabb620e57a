/** Pause: forward the roots, and put an armed view under the mutators. */
import {
  Barrier,
  Control,
  checkAlive,
  FlipWord,
  GLOBAL_SLOTS,
  nextGeneration,
  Own,
  ownBase,
  Tlab,
  TraceKind,
} from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { Flip } from '../flip/index.js';
import type { World } from '../world.js';

/**
 * Longer pauses than usual may be tried in vain: a fault server in the middle of a message goes by the flip before, and
 * would show a page of the new view as it is.
 */
export async function pauseFlip(world: World, cycle: CycleRecord, flip: Flip): Promise<void> {
  const { heap, delivery } = world;
  const { control } = heap;
  let longest = 0;
  for (let flipped = false; !flipped; ) {
    const us = await world.pause(TraceKind.FLIP, cycle, (mutators) => {
      flipped = delivery.isIdle();
      checkAlive(control); // nobody watches the views of a heap that was given up, as a server may just have done
      if (!flipped) return;
      try {
        switchViews(world, cycle, flip, mutators);
      } catch (error) {
        heap.fail(1, `no view could be put under the mutators: ${messageOf(error)}`); // they must hear of it before they go on
        throw error;
      }
    });
    longest = Math.max(longest, us);
    if (!flipped) await new Promise((next) => setImmediate(next));
  }
  if (cycle.pages.mappedAhead > 0) cycle.pages.mappedAhead -= Atomics.load(control, Control.TAKEN_BACK);
  cycle.ms.flip = longest / 1000;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

function switchViews(world: World, cycle: CycleRecord, flip: Flip, mutators: readonly number[]): void {
  const { heap } = world;
  const { control, kernels, meta } = heap;
  const generation = nextGeneration(Atomics.load(control, Control.GENERATION));
  for (const mutator of mutators) {
    kernels.forward(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
    forwardLogged(world, mutator);
    control[ownBase(mutator) + Own.BARRIER] = Barrier.OFF;
    const tlab = new Tlab(heap, mutator).reload();
    tlab.skipToPage();
    tlab.publish();
  }
  kernels.forward(meta.globals, GLOBAL_SLOTS);
  // In this order: who sees the new generation binds the new view, who sees COMPACTING sees the new generation.
  flip.switch(heap);
  world.compacting = true;
  Atomics.store(control, Control.CURSOR, 0);
  Atomics.store(control, Control.SPENT, 0);
  Atomics.store(meta.flip, FlipWord.TOUCHED, 0);
  Atomics.store(meta.flip, FlipWord.CYCLE, cycle.cycle);
  Atomics.store(meta.flip, FlipWord.GENERATION, generation);
  Atomics.store(meta.flip, FlipWord.COMPACTING, 1);
  Atomics.store(control, Control.GENERATION, generation);
  Atomics.store(control, Control.COMPACTING, 1);
  Atomics.store(control, Control.BARRIER, Barrier.OFF);
  Atomics.store(meta.flip, FlipWord.AHEAD, 0);
  Atomics.store(control, Control.AHEAD, 0);
}

/** Forwards, where they stand, the slots that a mutator has stored stale references into; see heap/ahead.ts. */
function forwardLogged({ heap, options }: World, mutator: number): void {
  const { control, kernels, meta } = heap;
  const count = ownBase(mutator) + Own.LOGGED;
  if (!options.sabotage?.dropAhead) kernels.forwardLogged(meta.log(mutator), control[count]);
  control[count] = 0;
}
