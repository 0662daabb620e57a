/** Concurrent: trace everything reachable. What the mutators do meanwhile is heard of through the write barrier. */
import { Control } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { World } from '../world.js';

export async function concurrentMark(world: World, cycle: CycleRecord): Promise<void> {
  const began = performance.now();
  const { heap, barrier } = world;
  heap.kernels.beginMarking(cycle.cycle, world.options.greyChunks ?? 0);
  Atomics.store(heap.control, Control.MARKED, 0);
  await barrier.begin(cycle);
  let marked = 0;
  let round = 0;
  do {
    if (heap.kernels.hasWork()) marked += await trace(world);
  } while (await barrier.between(cycle, round++));
  world.lastMarked = marked;
  cycle.ms.mark = performance.now() - began;
}

/** One round of tracing on all workers. Returns the objects scanned. */
async function trace(world: World): Promise<number> {
  const { heap, pool, pacer } = world;
  const { control } = heap;
  Atomics.store(control, Control.IDLE, 0);
  Atomics.store(control, Control.ABANDON, 0);
  const task = {
    heap: world.handle,
    workers: pool.size,
    expected: world.lastMarked,
    share: pacer.shareOfMarking,
    sabotage: world.options.sabotage,
  };
  // The others wait for one that is lost to be idle, and would wait for ever.
  const done = await world.onAll('mark', task, () => Atomics.store(control, Control.ABANDON, 1));
  return done.reduce((sum, one) => sum + one.objects, 0);
}
