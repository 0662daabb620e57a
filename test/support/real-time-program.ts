/**
 * A process in which the kernel tells a mutator that somebody else has moved its page, again and again, while he who has
 * is slow to say so. `fifo`: the mutator is a real-time thread on the one processor that all have. Says how often it
 * asked the kernel.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { defaultShape } from '../../heap/index.js';
import { arm, disarm, seenBy } from './inject.js';
import type { ReadyTask, ReadyTouched } from './ready-words.js';

const [fifo] = process.argv.slice(2);
const way = { resolution: 'move', delivery: 'signal', flip: 'remap' } as const;
const heap = createHeap(defaultShape(32 << 20, 1), way.resolution, way.flip, { delivery: way.delivery });
// A page stays READY while the worker builds others that it is to publish with it.
const sabotage = { delay: { phases: ['compact'] as const, chance: 0.3, ms: 3 } };
const collector = new Collector(heap, { ...way, workers: 1, evacuate: 'full', sabotage });
await collector.start();
const stop = new Int32Array(new SharedArrayBuffer(4));
const worker = new Worker(new URL('./ready-toucher.js', import.meta.url), {
  workerData: { heap: heap.handle, stop } satisfies ReadyTask,
});
const [thread] = (await once(worker, 'message')) as [number];
if (fifo === 'fifo') {
  const { status, stderr } = spawnSync('chrt', ['-f', '-p', '10', String(thread)], { encoding: 'utf8' });
  if (status !== 0) {
    console.log(`no priority to be had: ${stderr.trim()}`);
    process.exit(0);
  }
}
arm([{ call: 'move', error: 'ENOENT', where: 'handler', times: 1e12 }]);
for (let cycle = 0; cycle < 3; cycle++) await collector.collect();
const { calls } = seenBy(0);
disarm();
const said = once(worker, 'message');
Atomics.store(stop, 0, 1);
const [{ touched, wrong }] = (await said) as [ReadyTouched];
console.log(`touched ${touched}, wrong ${wrong}, calls ${calls}`);
await collector.stop();
process.exit(0);
