/**
 * A process that ends, in the way its first argument names, while a mutator of it is blocked in a fault that nobody
 * resolves.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { defaultShape, type HeapHandle, Mutator } from '../../heap/index.js';

async function main(way: string, resolution: string, flip: string): Promise<void> {
  const heap = createHeap(defaultShape(16 << 20, 2), resolution, flip);
  const worker = new Worker(new URL(import.meta.url), { workerData: heap.handle });
  await new Promise((blocked) => worker.once('message', blocked));
  await new Promise((soon) => setTimeout(soon, 200)); // from its message to the fault
  switch (way) {
    case 'exit':
      process.exit(0);
      break;
    case 'throw':
      setImmediate(() => {
        throw new Error('on purpose');
      });
      break;
    case 'reject':
      await Promise.reject(new Error('on purpose'));
      break;
    case 'unref':
      worker.unref();
      break;
    case 'close':
      heap.close();
      await worker.terminate();
      break;
    case 'collector': {
      const collector = new Collector(heap, { resolution, flip, delivery: 'handler', workers: 2 });
      await collector.start();
      process.exit(0);
    }
  }
}

function touch(handle: HeapHandle): void {
  const mutator = Mutator.attach(handle);
  const { granulesPerRegion } = mutator.heap.layout;
  parentPort!.postMessage('about to');
  mutator.load(5 * granulesPerRegion, 0);
  for (;;) mutator.safepoint();
}

if (isMainThread) {
  const [way = '', resolution = '', flip = ''] = process.argv.slice(2);
  await main(way, resolution, flip);
} else {
  touch(workerData as HeapHandle);
}
