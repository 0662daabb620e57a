/** A process whose memory ends: pages of the workspace that cannot be had, a full cgroup, limits of the process. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeSync } from 'node:fs';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import {
  Control,
  type Delivery,
  defaultShape,
  type Heap,
  type HeapHandle,
  Mutator,
  RegionState,
} from '../../heap/index.js';
import { Userfaultfd } from '../../native/index.js';
import type { HammerTask } from './hammer-program.js';
import type { Way } from './ways.js';

/**
 * `holes`: no page of the workspace is to be had any more, of all regions or of targets while they are built. `fill`: the
 * heap is filled. `create`: one is made, once the process may have so many more bytes of addresses.
 */
export interface MemoryTask {
  readonly way: Way;
  readonly mode: 'holes' | 'targets' | 'fill' | 'create';
  readonly heapMiB: number;
  readonly addressMiB?: number;
}

const MIB = 2 ** 20;
const CYCLES = 400;

async function main({ way, mode, heapMiB, addressMiB }: MemoryTask): Promise<void> {
  if (addressMiB !== undefined) limitAddresses(addressMiB * MIB);
  const delivery = way.delivery as Delivery;
  const heap = createHeap(defaultShape(heapMiB * MIB, 1), way.resolution, way.flip, { delivery });
  if (mode === 'create') {
    heap.close();
    return;
  }
  const collector = new Collector(heap, {
    ...{ ...way, workers: 1, residentFree: 0 },
    ...(mode === 'targets' && { publish: 'lazy' as const }),
  });
  await collector.start();
  if (mode === 'fill') {
    const [error] = (await once(new Worker(new URL(import.meta.url), { workerData: heap.handle }), 'message')) as [
      string,
    ];
    throw new Error(error);
  }
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const task: HammerTask = { heap: heap.handle, objects: 20_000, stop };
  const worker = new Worker(new URL('./hammer-program.js', import.meta.url), { workerData: task });
  worker.on('error', (error) => {
    writeSync(2, `${error.stack}\n`);
    process.exit(5);
  });
  await once(worker, 'message');
  // A userfaultfd with the feature SIGBUS answers a touch of a hole as a memory file system does that is full.
  const full = Userfaultfd.open({ features: ['SIGBUS', 'MISSING_SHMEM'] });
  for (let cycle = 0; cycle < CYCLES; cycle++) {
    const collected = collector.collect();
    if (cycle === 2 && mode === 'holes') takeAway(full, heap, () => true);
    if (cycle >= 2 && mode === 'targets') {
      while (Atomics.load(heap.control, Control.COMPACTING) === 0) {
        if (await Promise.race([collected.then(() => true), tick()])) break;
      }
      takeAway(full, heap, (region) => heap.meta.regionState[region] === RegionState.TARGET);
    }
    await collected;
  }
}

const tick = () => new Promise<false>((next) => setImmediate(() => next(false)));

function takeAway(full: Userfaultfd, heap: Heap, isWanted: (region: number) => boolean): void {
  const { regions, regionBytes } = heap.layout;
  for (let region = 1; region < regions; region++) {
    if (isWanted(region)) full.register(heap.space.workspace, region * regionBytes, regionBytes, { missing: true });
  }
}

function limitAddresses(bytes: number): void {
  const now = 1024 * Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))![1]);
  const limited = spawnSync('prlimit', ['--pid', String(process.pid), `--as=${now + bytes}`], { encoding: 'utf8' });
  if (limited.status !== 0) {
    writeSync(1, `skipped: prlimit: ${limited.error?.message ?? limited.stderr}\n`);
    process.exit(0);
  }
}

/** Keeps all that it allocates. */
function fill(handle: HeapHandle): void {
  const mutator = Mutator.attach(handle);
  const frame = mutator.enter(1);
  for (;;) {
    const made = mutator.allocate(1, 2000);
    mutator.store(made, 0, mutator.root(frame));
    mutator.setRoot(frame, made);
  }
}

if (isMainThread) {
  await main(JSON.parse(process.argv[2]!) as MemoryTask).catch((error: Error) => {
    writeSync(2, `${error.stack}\n`);
    writeSync(1, `error: ${error.name}: ${error.message}\n`);
    process.exit(0);
  });
  writeSync(1, 'there was memory for everything\n');
  process.exit(0);
} else fill(workerData as HeapHandle);
