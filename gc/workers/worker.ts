/** The file that piscina runs: one exported function a task. */
import { workerData } from 'node:worker_threads';
import { Control, Heap, type HeapHandle } from '../../heap/index.js';
import { threadCpuNs } from '../../native/index.js';
import { serve as serveFaults } from '../delivery/handler.js';
import { Forwarder } from '../forwarder.js';
import { WALKS } from '../policy/walk.js';
import { RESOLUTIONS } from '../resolution/index.js';
import { stepIn } from '../sabotage.js';
import { mapAhead } from './ahead.js';
import { compact as compactPages } from './compact.js';
import { DirtyPages } from './dirty.js';
import { mark as markObjects } from './mark.js';
import { plan as planHeap } from './plan.js';
import { recover as recoverPages } from './recover.js';
import type { Tasks } from './tasks.js';

const { loaded } = workerData as { loaded: Int32Array };
Atomics.add(loaded, 0, 1);
Atomics.notify(loaded, 0);

/** Heaps that this thread has attached to. */
const heaps = new Map<number, Heap>();

function attach(handle: HeapHandle): Heap {
  let heap = heaps.get(handle.kernels);
  if (heap === undefined) {
    heap = Heap.attach(handle);
    heaps.set(handle.kernels, heap);
  }
  return heap;
}

function timed<T extends object>(work: () => T): T & { cpuMs: number } {
  const began = threadCpuNs();
  const result = work();
  return { ...result, cpuMs: (threadCpuNs() - began) / 1e6 };
}

function report(control: Int32Array, progress: number): void {
  Atomics.store(control, Control.PROGRESS, Math.min(1000, Math.floor(progress * 1000)));
  Atomics.notify(control, Control.PROGRESS);
}

export function mark(task: Tasks['mark']['task']): Tasks['mark']['result'] {
  const { workers, expected, share, sabotage } = task;
  const heap = attach(task.heap);
  const step = stepIn('mark', sabotage);
  const onProgress = (objects: number) => {
    step?.();
    const done = Atomics.add(heap.control, Control.MARKED, objects) + objects;
    report(heap.control, share * Math.min(1, done / Math.max(1, expected)));
  };
  return timed(() => ({ objects: markObjects({ heap, workers, onProgress }) }));
}

export function dirty({ heap, work, sabotage }: Tasks['dirty']['task']): Tasks['dirty']['result'] {
  return timed(() => ({ pages: new DirtyPages(attach(heap)).run(work, sabotage) }));
}

export function plan({ heap, sabotage, ...options }: Tasks['plan']['task']): Tasks['plan']['result'] {
  const onRegion = stepIn('plan', sabotage);
  return timed(() => ({ plan: planHeap({ heap: attach(heap), onRegion, ...options }) }));
}

export function ahead(task: Tasks['ahead']['task']): Tasks['ahead']['result'] {
  const { heap: handle, resolution, sabotage, ...rest } = task;
  const heap = attach(handle);
  const publish = RESOLUTIONS[resolution]!.bind(heap).publishAhead!;
  return timed(() => mapAhead({ heap, publish, onRegion: stepIn('ahead', sabotage), ...rest }));
}

export function compact(task: Tasks['compact']['task']): Tasks['compact']['result'] {
  const heap = attach(task.heap);
  const { cycle, generation, owner, moves, batch, firstSlot, share, sabotage } = task;
  const resolution = RESOLUTIONS[task.resolution]!;
  const forwarder = new Forwarder({ heap, resolution, generation, cycle, owner, sabotage });
  const onProgress = (done: number) => report(heap.control, share + (1 - share) * done);
  const onPage = stepIn('compact', sabotage);
  return timed(() => {
    const walk = WALKS[task.walk](heap, generation);
    compactPages({ heap, forwarder, cycle, moves, walk, batch, firstSlot, onProgress, onPage });
    return { counts: forwarder.counts };
  });
}

export function recover(task: Tasks['recover']['task']): Tasks['recover']['result'] {
  const heap = attach(task.heap);
  const { cycle, generation, owner, slot, lost, sabotage } = task;
  const resolution = RESOLUTIONS[task.resolution]!;
  const forwarder = new Forwarder({ heap, resolution, generation, cycle, owner });
  return timed(() => {
    recoverPages({ heap, forwarder, cycle, lost, slot, onPage: stepIn('recover', sabotage) });
    return { counts: forwarder.counts };
  });
}

export function serve({ heap, resolution, sabotage, ...rest }: Tasks['serve']['task']): Tasks['serve']['result'] {
  return timed(() => {
    const onFault = stepIn('serve', sabotage);
    const onClaim = stepIn('claim', sabotage) ?? onFault;
    const delayMs = rest.server === 0 ? sabotage?.slowServerMs : undefined;
    serveFaults({ heap: attach(heap), resolution: RESOLUTIONS[resolution]!, onFault, onClaim, delayMs, ...rest });
    return {};
  });
}
