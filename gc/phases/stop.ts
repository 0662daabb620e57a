/** The classic baseline: the same phases, with every mutator standing still from the first to the last. */
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

export async function stopTheWorld<T>(world: World, cycle: CycleRecord, phases: () => Promise<T>): Promise<T> {
  const began = performance.now();
  world.safepoints.hold();
  try {
    return await phases();
  } finally {
    world.safepoints.letGo();
    cycle.ms.remark = 0; // no pause of its own
    cycle.ms.flip = performance.now() - began;
  }
}
