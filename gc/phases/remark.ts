/** Pause: trace the last of what the barrier noticed, and close the marking. */
import { audit, TraceKind } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

const SLICE = 65_536;

export async function pauseRemark(world: World, cycle: CycleRecord): Promise<void> {
  const { heap, barrier } = world;
  const { kernels } = heap;
  const us = await world.pause(TraceKind.REMARK, cycle, (mutators) => {
    audit(heap); // the plan that follows is to know what is free and what is pinned
    barrier.end(cycle, mutators);
    while (kernels.mark(SLICE));
    kernels.takeMarked();
  });
  kernels.handOver();
  cycle.ms.remark = us / 1000;
}
