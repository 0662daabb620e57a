/** Pause: trace the last of the barrier's logs, and close the marking. */
import { Barrier, Control, Own, ownBase } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';
import { shadeLog } from './mark.js';

const SLICE = 65_536;

export function pauseRemark(world: World, cycle: CycleRecord): void {
  const { heap, safepoints } = world;
  const { control, kernels } = heap;
  const us = safepoints.pause((mutators) => {
    for (const mutator of mutators) shadeLog(world, mutator);
    while (kernels.mark(SLICE));
    kernels.takeMarked();
    Atomics.store(control, Control.BARRIER, Barrier.OFF);
    for (const mutator of mutators) control[ownBase(mutator) + Own.BARRIER] = Barrier.OFF;
  });
  kernels.handOver();
  cycle.ms.remark = us / 1000;
}
