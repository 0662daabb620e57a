/**
 * Concurrent: map kept pages that are right already into the coming view, which nobody uses yet.
 *
 * In this order: the plan has fixed what is evacuated; the barrier mode goes on in a handshake; only then is the first
 * page looked at. The mode goes off in the flip pause. Why that is enough is in heap/ahead.ts.
 */
import { Barrier, Control, MAX_GENERATION, nextGeneration, Own, ownBase } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import { RESOLUTIONS } from '../resolution/index.js';
import type { World } from '../world.js';

export async function concurrentAhead(world: World, cycle: CycleRecord): Promise<void> {
  const began = performance.now();
  const { heap, options, pool, safepoints, ahead: policy } = world;
  const { control, meta } = heap;
  const now = Atomics.load(control, Control.GENERATION);
  if (now === MAX_GENERATION) meta.pageState.fill(0); // no compaction runs, so no word of it means anything
  if (options.ahead === false || RESOLUTIONS[options.resolution]!.bind(heap).publishAhead === undefined) return;
  const generation = nextGeneration(now);
  Atomics.store(control, Control.TAKEN_BACK, 0);
  Atomics.store(control, Control.AHEAD, generation);
  Atomics.store(control, Control.CURSOR, 0);
  if (!options.sabotage?.deafAhead) {
    Atomics.store(control, Control.BARRIER, Barrier.AHEAD);
    safepoints.handshake((mutator) => {
      control[ownBase(mutator) + Own.BARRIER] = Barrier.AHEAD;
    });
  }
  const done = await pool.runAll('ahead', () => ({
    heap: world.handle,
    resolution: options.resolution,
    cycle: cycle.cycle,
    generation,
    patience: policy.patience,
  }));
  if (options.sabotage?.lingerMs) await new Promise((soon) => setTimeout(soon, options.sabotage?.lingerMs));
  cycle.pages.mappedAhead = done.reduce((sum, one) => sum + one.mapped, 0);
  policy.learn(
    done.reduce((sum, one) => sum + one.looked, 0),
    done.reduce((sum, one) => sum + one.right, 0),
  );
  world.workerCpuMs += done.reduce((sum, one) => sum + one.cpuMs, 0);
  cycle.ms.plan += performance.now() - began;
}
