/** Concurrent: decide what goes where. See workers/plan.ts for the work itself. */
import type { CycleRecord } from '../cycle.js';
import { WorkerLost } from '../workers/lost.js';
import type { Plan } from '../workers/plan.js';
import { DEFAULTS, type World } from '../world.js';

/** Below this share of free regions the plan goes for nearly full regions too, rather than run out of memory. */
const SCARCE = 0.1;
const SCARCE_LIVE_SHARE = 0.98;

export async function concurrentPlan(world: World, cycle: CycleRecord): Promise<Plan> {
  const began = performance.now();
  const { layout, regions } = world.heap;
  const scarce = regions.free < SCARCE * layout.regions;
  const { maxLiveShare = DEFAULTS.maxLiveShare, evacuate = DEFAULTS.evacuate, sabotage } = world.options;
  const task = {
    heap: world.handle,
    cycle: cycle.cycle,
    leave: world.pacer.neededWhileCompacting,
    maxLiveShare: scarce ? SCARCE_LIVE_SHARE : maxLiveShare,
    evacuate,
    sabotage,
  };
  const { plan, cpuMs } = await world.pool.run('plan', task).catch((error) => {
    throw new WorkerLost('the plan', error);
  });
  world.workerCpuMs += cpuMs;
  if (plan.evacuated.length > 0) await world.barrier.leave();
  cycle.liveBytes = plan.liveBytes;
  cycle.evacuatedBytes = plan.evacuatedBytes;
  cycle.reclaimedBytes = plan.freedBytes;
  cycle.ms.plan = performance.now() - began;
  return plan;
}
