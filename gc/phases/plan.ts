/** Concurrent: decide what goes where. See workers/plan.ts for the work itself. */
import type { CycleRecord } from '../cycle.js';
import type { Plan } from '../workers/plan.js';
import { DEFAULTS, type World } from '../world.js';

export async function concurrentPlan(world: World, cycle: CycleRecord): Promise<Plan> {
  const began = performance.now();
  const { plan, cpuMs } = await world.pool.run('plan', {
    heap: world.handle,
    cycle: cycle.cycle,
    leave: world.pacer.neededWhileCompacting,
    maxLiveShare: world.options.maxLiveShare ?? DEFAULTS.maxLiveShare,
  });
  world.workerCpuMs += cpuMs;
  cycle.liveBytes = plan.liveBytes;
  cycle.evacuatedBytes = plan.evacuatedBytes;
  cycle.reclaimedBytes = plan.freedBytes;
  cycle.ms.plan = performance.now() - began;
  return plan;
}
