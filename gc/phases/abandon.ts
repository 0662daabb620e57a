/**
 * What is done until the flip can be undone: nothing has moved. So a worker that is lost in marking or in the plan
 * costs time, and nothing else: the cycle starts again with another one.
 */
import { Barrier, Control, Own, ownBase, RegionState } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import { WorkerLost } from '../workers/lost.js';
import type { World } from '../world.js';

/** Attempts at a cycle before its error is the collector's. */
const ATTEMPTS = 4;

/** Runs `work` until no worker is lost in it. Throws the cause of the last loss if none of a few attempts succeeds. */
export async function untilFlip<T>(world: World, cycle: CycleRecord, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof WorkerLost)) throw error;
      if (attempt === ATTEMPTS) throw error.cause;
      cycle.incidents.push(`${error.message}; the cycle began again`);
      await undo(world, cycle.cycle - 1);
    }
  }
}

/** `before`: the number of the last cycle, so that what is opened from here on is as old as what this one found. */
async function undo({ heap, safepoints }: World, before: number): Promise<void> {
  const { control, meta, regions, layout } = heap;
  Atomics.store(control, Control.CYCLE, before);
  Atomics.store(control, Control.BARRIER, Barrier.OFF);
  await safepoints.handshake((mutator) => {
    const own = ownBase(mutator);
    control[own + Own.BARRIER] = Barrier.OFF;
    control[own + Own.LOGGED] = 0;
    control[own + Own.BORN] = before;
  });
  for (let region = 0; region < layout.regions; region++) {
    // What was born in this cycle has to be traced by the next attempt like anything else: it was there before.
    if (Atomics.load(meta.regionBorn, region) > before) Atomics.store(meta.regionBorn, region, before);
    if (meta.regionState[region] === RegionState.EVACUATED) {
      Atomics.store(meta.regionState, region, RegionState.KEPT);
    } else if (meta.regionState[region] === RegionState.TARGET) {
      regions.release(region);
    }
  }
  Atomics.store(control, Control.AUDIT, 1); // a plan that was lost may have been taking a region
}
