/** A process in which a mutator touches memory where no object stands, on a heap whose faults come as signals. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import type { StrayTask } from './stray-program.js';

const [resolution = '', delivery = '', flip = '', kind = '', poison = ''] = process.argv.slice(2);
const heap = createHeap(defaultShape(16 << 20, 1), resolution, flip, {
  delivery: delivery as Delivery,
  poison: poison === 'poison',
});
const collector = new Collector(heap, { resolution, delivery, flip, workers: 1 });
await collector.start();
const task: StrayTask = { heap: heap.handle, kind: kind as StrayTask['kind'] };
const worker = new Worker(new URL('./stray-program.js', import.meta.url), { workerData: task });
worker.on('message', (heard) => console.log(heard));
await once(worker, 'exit');
process.exit(5);
