/** Pause: forward the roots, and put an armed view under the mutators. */
import { Control, FlipWord, GLOBAL_SLOTS, MAX_GENERATION, Own, ownBase, Tlab } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { Flip } from '../flip/index.js';
import type { World } from '../world.js';

export function pauseFlip(world: World, cycle: CycleRecord, flip: Flip): void {
  const { heap, safepoints } = world;
  const { control, kernels, meta } = heap;
  flip.prepare(heap);
  let generation = Atomics.load(control, Control.GENERATION) + 1;
  const wraps = generation > MAX_GENERATION;
  if (wraps) generation = 1;
  const us = safepoints.pause((mutators) => {
    // Not before: a page whose entry the kernel has dropped faults again, and its word must still say MAPPED.
    if (wraps) meta.pageState.fill(0);
    for (const mutator of mutators) {
      kernels.forward(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
      const tlab = new Tlab(heap, mutator).reload();
      tlab.skipToPage();
      tlab.publish();
    }
    kernels.forward(meta.globals, GLOBAL_SLOTS);
    // In this order: who sees the new generation binds the new view, who sees COMPACTING sees the new generation.
    flip.switch(heap);
    Atomics.store(control, Control.CURSOR, 0);
    Atomics.store(control, Control.SPENT, 0);
    Atomics.store(meta.flip, FlipWord.TOUCHED, 0);
    Atomics.store(meta.flip, FlipWord.CYCLE, cycle.cycle);
    Atomics.store(meta.flip, FlipWord.GENERATION, generation);
    Atomics.store(meta.flip, FlipWord.COMPACTING, 1);
    Atomics.store(control, Control.GENERATION, generation);
    Atomics.store(control, Control.COMPACTING, 1);
  });
  cycle.ms.flip = us / 1000;
}
