/**
 * A process in which signals come that are none of a heap's, with a heap beside it whose faults do come as signals (or
 * with none, to see what would have happened). What it does is its first argument, the heap's way the others.
 */
import { once } from 'node:events';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { Mapping, Userfaultfd } from '../../native/index.js';
import type { HammerTask } from './hammer-program.js';
import { trapsInWasm } from './wasm-trap.js';

const PAGE = 4096;

interface Foreign {
  readonly foreign: number;
}

/** A mapping of ours on which a touch raises SIGBUS, because a userfaultfd that is no heap's says so. */
function foreignMapping(): { mapping: Mapping; userfaultfd: Userfaultfd } {
  const userfaultfd = Userfaultfd.open({ features: ['SIGBUS'] });
  const mapping = Mapping.anonymous(PAGE);
  userfaultfd.register(mapping, 0, PAGE, { missing: true });
  return { mapping, userfaultfd };
}

const touch = (id: number) => new Int32Array(Mapping.attach(id).buffer)[0];

/** A heap with a mutator that goes on verifying, and collections one after the other until `during` has ended. */
async function besideHeap(way: readonly string[], during: () => Promise<void>): Promise<void> {
  const [resolution = '', delivery = '', flip = ''] = way;
  if (resolution === '') return during();
  const heap = createHeap(defaultShape(64 << 20, 2), resolution, flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1 });
  await collector.start();
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: HammerTask = { heap: heap.handle, objects: 20_000, stop };
  const worker = new Worker(new URL('./hammer-program.js', import.meta.url), { workerData: task });
  const left = once(worker, 'exit');
  await once(worker, 'message');
  await collector.collect();
  let over = false;
  const ended = during().then(() => {
    over = true;
  });
  for (let cycles = 0; !over || cycles < 3; cycles++) await collector.collect();
  await ended;
  Atomics.store(stop, 0, 1);
  await left;
  await collector.stop();
  heap.close();
}

async function act(kind: string): Promise<void> {
  switch (kind) {
    case 'foreign':
      touch(foreignMapping().mapping.id);
      break;
    case 'foreign-worker': {
      const { mapping } = foreignMapping();
      const worker = new Worker(new URL(import.meta.url), { workerData: { foreign: mapping.id } satisfies Foreign });
      await once(worker, 'exit');
      break;
    }
    case 'trap':
      console.log(`main: ${trapsInWasm()}`);
      break;
    case 'trap-worker': {
      const worker = new Worker(new URL(import.meta.url), { workerData: { foreign: 0 } satisfies Foreign });
      await once(worker, 'exit');
      break;
    }
    case 'wait':
      console.log('waiting');
      await new Promise((later) => setTimeout(later, 20_000));
  }
}

async function main(kind: string, way: readonly string[]): Promise<void> {
  if (kind === 'handled') {
    // Before any heap: so this is the handler that is found there, libuv's, and has to be handed what is not a heap's.
    const { mapping, userfaultfd } = foreignMapping();
    let heard = 0;
    process.on('SIGBUS', () => {
      if (heard++ === 0) userfaultfd.zeropage(mapping, 0, PAGE);
    });
    await besideHeap(way, async () => {
      const worker = new Worker(new URL(import.meta.url), { workerData: { foreign: mapping.id } satisfies Foreign });
      await once(worker, 'exit');
    });
    console.log(heard > 0 ? 'the handler before was called' : 'nobody was called');
  } else {
    await besideHeap(way, () => act(kind));
  }
  console.log('survived');
  process.exit(0);
}

if (isMainThread) {
  const [kind = '', ...way] = process.argv.slice(2);
  await main(kind, way);
} else {
  const { foreign } = workerData as Foreign;
  if (foreign !== 0) touch(foreign);
  else console.log(`worker: ${trapsInWasm()}`);
}
