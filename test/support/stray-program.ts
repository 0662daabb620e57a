/** A thread that touches memory where no object stands, and posts what became of it. */
import { parentPort, workerData } from 'node:worker_threads';
import { type HeapHandle, Mutator } from '../../heap/index.js';

export interface StrayTask {
  readonly heap: HeapHandle;
  /** 'bystander': touches nothing, and waits for a collection that will never be. 'null-later': once something moved. 'idle': in the view not in use. */
  readonly kind: 'null' | 'null-later' | 'free' | 'stale' | 'idle' | 'bystander';
}

const { heap: handle, kind } = workerData as StrayTask;
const mutator = Mutator.attach(handle);
const { layout } = mutator.heap;

function stray(): void {
  switch (kind) {
    case 'null':
      mutator.load(0, 0);
      break;
    case 'free':
      mutator.load((layout.regions - 1) * layout.granulesPerRegion + 5000, 0);
      break;
    case 'idle': {
      const { heap } = mutator;
      const object = mutator.allocate(0, 8);
      Atomics.load(heap.view(1 - heap.bank), 2 * object);
      break;
    }
    case 'null-later':
    case 'stale': {
      // A little in each of three regions, which go into one; unless another cycle has seen to that already.
      const frame = mutator.enter(3);
      for (let tries = 0; tries < 20; tries++) {
        for (let i = 0; i < 3; i++) {
          mutator.setRoot(frame + i, mutator.allocate(1, 8));
          mutator.allocate(0, 500_000);
          mutator.allocate(0, 500_000);
        }
        const stale = mutator.root(frame + 1);
        mutator.collect();
        if (mutator.root(frame + 1) !== stale) return void mutator.load(kind === 'stale' ? stale : 0, 0);
      }
      throw new Error('it never moved');
    }
    case 'bystander':
      for (;;) mutator.collect();
  }
}

let heard = 'nothing';
try {
  parentPort!.postMessage('ready');
  stray();
  for (let i = 0; i < 100_000; i++) mutator.parked(() => undefined);
} catch (error) {
  heard = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
try {
  mutator.detach();
} catch {
  // it has heard already
}
parentPort!.postMessage(heard);
