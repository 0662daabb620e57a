/** Pause: trace the last of what the barrier noticed, and close the marking. */
import { TraceKind } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

const SLICE = 65_536;

export function pauseRemark(world: World, cycle: CycleRecord): void {
  const { heap, barrier } = world;
  const { kernels } = heap;
  const us = world.pause(TraceKind.REMARK, cycle, (mutators) => {
    barrier.end(cycle, mutators);
    while (kernels.mark(SLICE));
    kernels.takeMarked();
  });
  kernels.handOver();
  cycle.ms.remark = us / 1000;
}
