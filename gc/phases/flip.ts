/** Pause: forward the roots, and put an armed view under the mutators. Returns its length in ns. */
import { Control, GLOBAL_SLOTS, MAX_GENERATION, Own, ownBase } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { Flip } from '../flip/index.js';
import type { World } from '../world.js';

export function pauseFlip(world: World, cycle: CycleRecord, flip: Flip): number {
  const { heap, safepoints } = world;
  const { control, kernels, meta } = heap;
  flip.prepare(heap);
  let generation = Atomics.load(control, Control.GENERATION) + 1;
  if (generation > MAX_GENERATION) {
    meta.pageState.fill(0); // no compaction runs, so no word of it means anything
    generation = 1;
  }
  const us = safepoints.pause((mutators) => {
    for (const mutator of mutators) {
      kernels.forward(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
      skipToPage(world, mutator);
    }
    kernels.forward(meta.globals, GLOBAL_SLOTS);
    Atomics.store(control, Control.GENERATION, generation);
    Atomics.store(control, Control.CURSOR, 0);
    Atomics.store(control, Control.COMPACTING, 1);
    flip.switch(heap);
  });
  cycle.ms.flip = us / 1000;
  return Math.max(1, Math.round(us * 1000));
}

/** Nothing that a mutator allocates from now on shares a page with what is older. */
function skipToPage({ heap }: World, mutator: number): void {
  const { control, kernels, layout, meta } = heap;
  const own = ownBase(mutator);
  const region = control[own + Own.REGION];
  if (region < 0) return;
  const top = control[own + Own.TOP];
  kernels.indexObjects(control[own + Own.INDEXED], top);
  meta.regionTop[region] = top;
  const page = Math.ceil(top / layout.granulesPerPage) * layout.granulesPerPage;
  control[own + Own.TOP] = control[own + Own.LIMIT] = control[own + Own.INDEXED] = page;
}
