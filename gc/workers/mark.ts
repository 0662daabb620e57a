/** A marking worker: traces in slices until every worker is idle and nothing is left in the pool. */
import { Control, checkAlive, type Heap } from '../../heap/index.js';

/** Objects traced between two looks at the clock: about 2 ms. */
const SLICE = 16_384;

export interface MarkOptions {
  readonly heap: Heap;
  readonly workers: number;
  /** Called after each slice with the objects it scanned. */
  readonly onProgress: (objects: number) => void;
}

export function mark(options: MarkOptions): number {
  try {
    return trace(options);
  } finally {
    options.heap.kernels.handOver(); // the pool's memory is about to be somebody else's
  }
}

function trace({ heap, workers, onProgress }: MarkOptions): number {
  const { kernels, control } = heap;
  let objects = 0;
  for (;;) {
    const more = kernels.mark(SLICE);
    const scanned = kernels.takeMarked();
    objects += scanned;
    onProgress(scanned);
    if (Atomics.load(control, Control.ABANDON) !== 0) return objects;
    if (more) continue;
    Atomics.add(control, Control.IDLE, 1);
    while (!kernels.hasWork()) {
      // A worker that is not idle may still publish work; one that is idle has none to publish.
      if (Atomics.load(control, Control.IDLE) === workers && !kernels.hasWork()) return objects;
      if (Atomics.load(control, Control.ABANDON) !== 0) return objects;
      checkAlive(control);
      Atomics.wait(control, Control.IDLE, Atomics.load(control, Control.IDLE), 1);
    }
    Atomics.sub(control, Control.IDLE, 1);
  }
}
