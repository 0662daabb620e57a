/** The file that piscina runs: one exported function a task. */
import { workerData } from 'node:worker_threads';
import { Control, Heap, type HeapHandle } from '../../heap/index.js';
import { threadCpuNs } from '../../native/index.js';
import { serve as serveFaults } from '../delivery/handler.js';
import { Forwarder } from '../forwarder.js';
import { RESOLUTIONS } from '../resolution/index.js';
import { compact as compactPages } from './compact.js';
import { DirtyPages } from './dirty.js';
import { mark as markObjects } from './mark.js';
import { plan as planHeap } from './plan.js';
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

export function mark({ heap: handle, workers, expected, share }: Tasks['mark']['task']): Tasks['mark']['result'] {
  const heap = attach(handle);
  const onProgress = (objects: number) => {
    const done = Atomics.add(heap.control, Control.MARKED, objects) + objects;
    report(heap.control, share * Math.min(1, done / Math.max(1, expected)));
  };
  return timed(() => ({ objects: markObjects({ heap, workers, onProgress }) }));
}

export function dirty({ heap, work, sabotage }: Tasks['dirty']['task']): Tasks['dirty']['result'] {
  return timed(() => ({ pages: new DirtyPages(attach(heap)).run(work, sabotage) }));
}

export function plan({ heap, ...options }: Tasks['plan']['task']): Tasks['plan']['result'] {
  return timed(() => ({ plan: planHeap({ heap: attach(heap), ...options }) }));
}

export function compact(task: Tasks['compact']['task']): Tasks['compact']['result'] {
  const heap = attach(task.heap);
  const { cycle, generation, batch, worker, share, sabotage } = task;
  const resolution = RESOLUTIONS[task.resolution]!;
  const forwarder = new Forwarder({ heap, resolution, generation, cycle, sabotage });
  const onProgress = (done: number) => report(heap.control, share + (1 - share) * done);
  return timed(() => {
    compactPages({ heap, forwarder, cycle, batch, firstSlot: 1 + worker * batch, onProgress });
    return { counts: forwarder.counts };
  });
}

export function serve({ heap, resolution, ...rest }: Tasks['serve']['task']): Tasks['serve']['result'] {
  return timed(() => {
    serveFaults({ heap: attach(heap), resolution: RESOLUTIONS[resolution]!, ...rest });
    return {};
  });
}
