/**
 * A process, in the test build of the addon, with an alternate signal stack in it: what becomes of an overflow of the stack
 * beside a heap, and of faults on a heap in a thread that has such a stack. What it does is its first argument.
 */
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, type Heap, Mutator } from '../../heap/index.js';
import type { HammerTask } from './hammer-program.js';
import { installReporter, overflowStack, useAlternateStack } from './inject.js';

const MIB = 2 ** 20;
const CYCLES = 6;
const SMALL_BYTES = 1024;

function makeHeap([resolution = '', flip = '']: readonly string[]): Heap {
  return createHeap(defaultShape(64 * MIB, 2), resolution, flip, { delivery: 'signal' satisfies Delivery });
}

async function main(act: string, way: readonly string[]): Promise<void> {
  if (act === 'overflow') {
    useAlternateStack(64 * 1024);
    installReporter();
    makeHeap(way);
    overflowStack();
  } else if (act === 'late') {
    const mutator = Mutator.attach(makeHeap(way));
    useAlternateStack(SMALL_BYTES);
    mutator.load(5 * mutator.heap.layout.granulesPerRegion, 0);
  } else {
    await hammer(way);
  }
}

/** A mutator that goes on verifying, in a thread that has a small alternate stack. */
async function hammer(way: readonly string[]): Promise<void> {
  const [resolution = '', flip = ''] = way;
  const heap = makeHeap(way);
  const collector = new Collector(heap, { resolution, delivery: 'signal', flip, workers: 1 });
  await collector.start();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: HammerTask = { heap: heap.handle, objects: 20_000, stop };
  const worker = new Worker(new URL(import.meta.url), { workerData: task });
  const left = once(worker, 'exit');
  await once(worker, 'message');
  let built = 0;
  for (let i = 0; i < CYCLES; i++) built += (await collector.collect()).pages.built;
  Atomics.store(stop, 0, 1);
  await left;
  console.log(`${heap.control[Control.FAULTS_SIGNAL]} faults, ${built} pages built`);
  await collector.stop();
  heap.close();
}

if (isMainThread) {
  const [act = '', ...way] = process.argv.slice(2);
  await main(act, way);
} else {
  useAlternateStack(SMALL_BYTES);
  await import('./hammer-program.js');
}
