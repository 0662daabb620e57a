/** A process whose first compaction that moves something cannot be finished by anybody, with a mutator beside it. */
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { Collector, createHeap, type Step } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import type { HammerTask } from './hammer-program.js';

const [resolution = '', delivery = '', flip = '', lost = 'compact,recover', poison = ''] = process.argv.slice(2);
const heap = createHeap(defaultShape(64 << 20, 1), resolution, flip, {
  delivery: delivery as Delivery,
  poison: poison === 'poison',
});
const phases: Step[] = [...(lost.split(',') as Step[]), 'collector'];
const sabotage = { lose: { phases, chance: 0.02, how: 'throw' as const } };
const collector = new Collector(heap, { resolution, delivery, flip, workers: 2, sabotage });
await collector.start();
const stop = new Int32Array(new SharedArrayBuffer(4));
const task: HammerTask = { heap: heap.handle, objects: 20_000, stop };
const worker = new Worker(new URL('./hammer-program.js', import.meta.url), { workerData: task });
await once(worker, 'message');
for (let cycle = 0; cycle < 50; cycle++) await collector.collect();
writeSync(2, 'every compaction came to its end\n');
process.exit(4);
