/** The classic baseline: the same phases, with every mutator standing still from the first to the last. */
import { TraceKind } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

export async function stopTheWorld<T>(world: World, cycle: CycleRecord, phases: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const { trace } = world.heap;
  const from = trace?.now() ?? 0;
  await world.safepoints.hold();
  try {
    return await phases();
  } finally {
    if (!world.compacting) world.safepoints.letGo(); // pages are left that are not right: nobody goes on, the process ends
    trace?.record(trace.collectorLane, TraceKind.STOP, from, cycle.cycle);
    cycle.ms.remark = 0; // no pause of its own
    cycle.ms.flip = performance.now() - began;
  }
}
