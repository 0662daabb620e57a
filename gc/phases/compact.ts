/** Concurrent: make every stale page right and publish it, while faults jump the queue. */
import { Control, checkAlive } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

/** What fault servers count, in the order of the record's fields. */
const SERVED = [Control.FAULT_BUILT, Control.FAULT_UPDATED, Control.FAULT_KEPT, Control.FAULT_PUBLISHED] as const;

export async function concurrentCompact(world: World, cycle: CycleRecord): Promise<void> {
  const began = performance.now();
  const { heap, pool, options, pacer } = world;
  const { control } = heap;
  const before = SERVED.map((word) => Atomics.load(control, word));
  const done = await pool.runAll('compact', (worker) => ({
    heap: world.handle,
    resolution: options.resolution,
    cycle: cycle.cycle,
    generation: Atomics.load(control, Control.GENERATION),
    worker,
    batch: options.batch,
    share: pacer.shareOfMarking,
    sabotage: options.sabotage,
  }));
  // Every page is claimed now; a server may still be publishing the last of its own.
  Atomics.store(control, Control.COMPACTING, 0);
  for (let serving = Atomics.load(control, Control.SERVING); serving !== 0; ) {
    Atomics.wait(control, Control.SERVING, serving, 10);
    checkAlive(control);
    serving = Atomics.load(control, Control.SERVING);
  }
  const [built, updated, mapped, byFault] = SERVED.map((word, i) => Atomics.load(control, word) - before[i]!) as [
    number,
    number,
    number,
    number,
  ];
  const sum = (field: 'built' | 'updated' | 'mapped' | 'published' | 'publishNs') =>
    done.reduce((total, one) => total + one.counts[field], 0);
  cycle.pages = {
    built: built + sum('built'),
    updated: updated + sum('updated'),
    mapped: mapped + sum('mapped'),
    mappedAhead: cycle.pages.mappedAhead,
    publishedInBulk: sum('published'),
    publishedByFault: byFault,
  };
  cycle.publishNsPerPage = sum('published') === 0 ? 0 : sum('publishNs') / sum('published');
  world.workerCpuMs += done.reduce((total, one) => total + one.cpuMs, 0);
  cycle.ms.compact = performance.now() - began;
}
