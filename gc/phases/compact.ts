/** Concurrent: make every stale page right and publish it, while faults jump the queue. */
import { Control, FlipWord } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import type { Served } from '../delivery/index.js';
import type { PageCounts } from '../forwarder.js';
import type { Moves } from '../workers/plan.js';
import { recoverHere } from '../workers/recover.js';
import type { Reported } from '../workers/tasks.js';
import { DEFAULTS, type World } from '../world.js';
import { untilNeeded } from './lazy.js';

type Done = Reported<{ counts: PageCounts }>;

export async function concurrentCompact(world: World, cycle: CycleRecord, moves: Moves): Promise<void> {
  const began = performance.now();
  const { heap, pool, delivery } = world;
  const { control, meta } = heap;
  const before = delivery.served();
  if (world.options.publish === 'lazy') await untilNeeded(control);
  const done = (await Promise.all(pool.numbers.map((worker) => work(world, cycle, moves, worker)))).flat();
  // Every page is claimed now; who serves a fault may still be publishing the last of its own.
  Atomics.store(meta.flip, FlipWord.COMPACTING, 0);
  Atomics.store(control, Control.COMPACTING, 0);
  await delivery.quiesce();
  world.compacting = false;
  const served = delivery.served();
  const sum = (field: keyof PageCounts) => done.reduce((total, { counts }) => total + counts[field], 0);
  const pages = cycle.pages;
  const since = (field: keyof Served) => (served[field] - before[field]) | 0; // servers count in words that come round
  pages.built = since('built') + sum('built');
  pages.updated = since('updated') + sum('updated');
  pages.mapped = since('mapped') + sum('mapped');
  pages.publishedInBulk = sum('published');
  pages.publishedByFault = since('published');
  world.ahead.learnFaults(pages.publishedByFault, pages.publishedByFault + pages.publishedInBulk);
  cycle.publishNsPerPage = sum('published') === 0 ? 0 : sum('publishNs') / sum('published');
  world.workerCpuMs += done.reduce((total, { cpuMs }) => total + cpuMs, 0);
  cycle.ms.compact = performance.now() - began;
}

/** One worker's part; if the worker is lost, what it had begun is finished by another, or on this thread. */
async function work(world: World, cycle: CycleRecord, moves: Moves, worker: number): Promise<Done[]> {
  const { heap, pool, options, pacer, handle } = world;
  const { resolution, batch, walk = DEFAULTS.walk, sabotage } = options;
  const generation = Atomics.load(heap.control, Control.GENERATION);
  const firstSlot = 1 + worker * batch;
  const task = { heap: handle, resolution, cycle: cycle.cycle, generation, sabotage };
  try {
    const share = pacer.shareOfMarking;
    return [await pool.run('compact', { ...task, owner: worker, firstSlot, batch, moves, walk, share })];
  } catch (error) {
    tell(cycle, 'a worker was lost in the compaction', error);
  }
  const owner = world.nextOwner();
  try {
    return [await pool.run('recover', { ...task, owner, slot: firstSlot, lost: worker })];
  } catch (error) {
    tell(cycle, 'so was the one that was to finish its pages, and the collector did it', error);
    for (const lost of [worker, owner]) recoverHere(heap, resolution, lost, firstSlot, sabotage);
    return [];
  }
}

function tell(cycle: CycleRecord, what: string, error: unknown): void {
  cycle.incidents.push(`${what}: ${error instanceof Error ? error.message : String(error)}`);
}
