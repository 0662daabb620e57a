/** Concurrent: evacuated regions become free, the old view is dropped, surplus memory goes back to the kernel. */
import { GRANULE_BYTES, poison, RegionState } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { Flip } from '../flip/index.js';
import type { Plan } from '../workers/plan.js';
import type { World } from '../world.js';

export function concurrentReclaim(world: World, cycle: CycleRecord, plan: Plan, flip: Flip): void {
  const began = performance.now();
  const { heap, options } = world;
  const { kernels, layout, meta, regions, space } = heap;
  for (const region of plan.targets) Atomics.store(meta.regionState, region, RegionState.KEPT);
  if (plan.evacuated.length > 0) {
    if (!space.shared) {
      kernels.readThrough('view');
      space.workspace.renew();
    }
    flip.retire(heap);
  }
  const surplus = Math.max(
    0,
    regions.free + plan.evacuated.length - (options.residentFree ?? Number.POSITIVE_INFINITY),
  );
  for (const [i, region] of plan.evacuated.entries()) {
    kernels.clearStarts(region);
    if (i < surplus) space.release(region * layout.granulesPerRegion * GRANULE_BYTES, layout.regionBytes);
    poison(heap, region); // after that: what gives private memory back takes the poison with it
    regions.release(region);
  }
  cycle.reclaimedBytes += plan.evacuated.length * layout.regionBytes - plan.targets.length * layout.regionBytes;
  cycle.ms.reclaim = performance.now() - began;
}
