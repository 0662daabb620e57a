/**
 * Concurrent: map kept pages that are right already into the coming view, which nobody uses yet.
 *
 * In this order: the plan has fixed what is evacuated; the barrier mode goes on in a handshake; only then is the first
 * page looked at. The mode goes off in the flip pause. Why that is enough is in heap/ahead.ts.
 */
import {
  Barrier,
  Control,
  encodeState,
  FlipWord,
  GENERATION_SHIFT,
  nextGeneration,
  Own,
  ownBase,
  PageState,
} from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import { RESOLUTIONS } from '../resolution/index.js';
import { DEFAULTS, type World } from '../world.js';

export async function concurrentAhead(world: World, cycle: CycleRecord): Promise<void> {
  const began = performance.now();
  const { heap, options, pool, ahead: policy } = world;
  const { control, meta } = heap;
  // What is stored into a page meanwhile is the software barrier's to notice.
  if (world.barrier.name !== 'software') return;
  const { ahead: choice = DEFAULTS.ahead } = options;
  if (choice === 'never' || (choice === 'auto' && !policy.pays)) return;
  if (RESOLUTIONS[options.resolution]!.bind(heap).publishAhead === undefined) return;
  const generation = nextGeneration(Atomics.load(control, Control.GENERATION));
  Atomics.store(control, Control.TAKEN_BACK, 0);
  Atomics.store(control, Control.AHEAD, generation);
  Atomics.store(meta.flip, FlipWord.AHEAD, generation);
  Atomics.store(control, Control.CURSOR, 0);
  if (!options.sabotage?.deafAhead) await setBarrier(world, Barrier.AHEAD);
  const task = {
    ...{ heap: world.handle, resolution: options.resolution, cycle: cycle.cycle, generation },
    ...{ patience: policy.patience, sabotage: options.sabotage },
  };
  const ended = await Promise.allSettled(pool.numbers.map((owner) => pool.run('ahead', { ...task, owner })));
  if (options.sabotage?.lingerMs) await new Promise((soon) => setTimeout(soon, options.sabotage?.lingerMs));
  const lost = ended.find((end) => end.status === 'rejected');
  const done = ended.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []));
  if (lost === undefined) {
    const sum = (of: 'looked' | 'right' | 'mapped') => done.reduce((total, one) => total + one[of], 0);
    cycle.pages.mappedAhead = sum('mapped');
    policy.learn(sum('looked'), sum('right'));
  } else {
    cycle.incidents.push(`a worker was lost in mapping pages ahead: ${lost.reason}; they come after the flip`);
    await giveUp(world, generation);
  }
  world.workerCpuMs += done.reduce((sum, one) => sum + one.cpuMs, 0);
  cycle.ms.plan += performance.now() - began;
}

/** Nobody knows which pages the lost worker has mapped: all of them are taken back. */
async function giveUp(world: World, generation: number): Promise<void> {
  const { heap } = world;
  const { pageState } = heap.meta;
  await setBarrier(world, Barrier.OFF); // from here on nobody else touches the words, or the coming view
  for (let page = 0; page < pageState.length; page++) {
    if (pageState[page]! >>> GENERATION_SHIFT === generation) {
      Atomics.store(pageState, page, encodeState(generation, PageState.RAW));
    }
  }
  heap.space.empty(1 - heap.bank);
}

async function setBarrier({ heap, safepoints }: World, mode: number): Promise<void> {
  const { control } = heap;
  Atomics.store(control, Control.BARRIER, mode);
  await safepoints.handshake((mutator) => {
    control[ownBase(mutator) + Own.BARRIER] = mode;
  });
}
