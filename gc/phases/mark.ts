/**
 * Concurrent: trace everything reachable when marking began.
 *
 * Two handshake rounds before the first object is traced. The first turns every mutator's barrier on; only when all
 * log does the second scan a stack, after which that mutator allocates black. With the rounds merged, a mutator whose
 * barrier is still off could store into a black object and nobody would know (see heap/barrier.ts).
 */
import { Barrier, Control, GLOBAL_SLOTS, Own, ownBase, Tlab } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import { WorkerLost } from '../workers/lost.js';
import type { World } from '../world.js';

/** Rounds of tracing what the barrier logged, while mutators run, before the pause takes the rest. */
const LOG_ROUNDS = 2;

export async function concurrentMark(world: World, cycle: CycleRecord): Promise<void> {
  const began = performance.now();
  const { heap, safepoints } = world;
  const { control, kernels, meta } = heap;
  kernels.beginMarking(cycle.cycle, world.options.greyChunks ?? 0);
  // In this order: a mutator that attaches now reads CYCLE, BARRIER, and CYCLE again.
  Atomics.store(control, Control.BARRIER, Barrier.BOTH);
  Atomics.store(control, Control.CYCLE, cycle.cycle);
  Atomics.store(control, Control.MARKED, 0);
  safepoints.handshake((mutator) => {
    control[ownBase(mutator) + Own.BARRIER] = Barrier.BOTH;
    control[ownBase(mutator) + Own.BORN] = cycle.cycle - 1;
  });
  disown(world, cycle.cycle);
  Atomics.store(control, Control.BARRIER, Barrier.OLD);
  safepoints.handshake((mutator) => {
    // What it allocates from now on is in regions opened in this cycle.
    const tlab = new Tlab(heap, mutator).reload();
    tlab.close();
    tlab.publish();
    kernels.shade(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
    shadeLog(world, mutator);
    control[ownBase(mutator) + Own.BARRIER] = Barrier.OLD;
    control[ownBase(mutator) + Own.BORN] = cycle.cycle;
  });
  kernels.shade(meta.globals, GLOBAL_SLOTS);
  let marked = 0;
  for (let round = 0; round <= LOG_ROUNDS && kernels.hasWork(); round++) {
    marked += await trace(world);
    safepoints.handshake((mutator) => shadeLog(world, mutator));
  }
  world.lastMarked = marked;
  cycle.ms.mark = performance.now() - began;
}

/**
 * Regions that were opened in an attempt at this cycle that was given up are not born in it: what they hold was there
 * before this marking began, and has to be traced. Nobody opens one for this cycle between the two rounds.
 */
function disown({ heap }: World, cycle: number): void {
  const { regionBorn } = heap.meta;
  for (let region = 0; region < regionBorn.length; region++) {
    if (Atomics.load(regionBorn, region) === cycle) Atomics.store(regionBorn, region, cycle - 1);
  }
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
  const one = () =>
    pool.run('mark', task).catch((error) => {
      Atomics.store(control, Control.ABANDON, 1); // the others wait for it to be idle, and would wait for ever
      throw new WorkerLost('marking', error);
    });
  const ended = await Promise.allSettled(pool.numbers.map(one));
  const lost = ended.find((end) => end.status === 'rejected');
  if (lost !== undefined) throw lost.reason;
  const done = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  world.workerCpuMs += done.reduce((sum, one) => sum + one.cpuMs, 0);
  return done.reduce((sum, one) => sum + one.objects, 0);
}

/** Shades what a mutator that is held has logged. */
export function shadeLog(world: World, mutator: number): void {
  const { control, kernels, meta } = world.heap;
  const logged = ownBase(mutator) + Own.LOGGED;
  if (!world.options.sabotage?.dropBarrier) kernels.shade(meta.log(mutator), control[logged]);
  control[logged] = 0;
}
