/** A mutator that comes to one certain point and stays there until its thread is ended. */
import { workerData } from 'node:worker_threads';
import {
  Heap,
  type HeapHandle,
  LOG_ENTRIES,
  Mutator,
  MutatorState,
  Own,
  ownBase,
  RegionState,
} from '../../heap/index.js';

export type Point =
  | ('joining' | 'running' | 'parked' | 'parked for a promise' | 'at a safepoint')
  | ('objects' | 'overwritten' | 'log nearly full' | 'pinned' | 'region taken' | 'run taken' | 'closed');

export interface DyingTask {
  readonly heap: HeapHandle;
  readonly point: Point;
  /** Word 0 is 1 once it is there; words from 1 on are what it has to tell. */
  readonly told: Int32Array;
}

const { heap: handle, point, told } = workerData as DyingTask;
const heap = Heap.attach(handle);

/** What the test reads, and then it does nothing for ever. */
function stay(...facts: number[]): never {
  for (const [i, fact] of facts.entries()) Atomics.store(told, i + 1, fact);
  Atomics.store(told, 0, 1);
  Atomics.notify(told, 0);
  for (;;);
}

if (point === 'joining') {
  const { ABSENT, ATTACHING } = MutatorState;
  for (let index = 0; ; index++) {
    if (heap.kernels.occupy(index, heap.control, ownBase(index) + Own.STATE, ABSENT, ATTACHING)) stay(index);
  }
}
const mutator = Mutator.attach(heap);
const frame = mutator.enter(4);
const hold = () => mutator.setRoot(frame, mutator.allocate(0, 8));

const points: Readonly<Record<Exclude<Point, 'joining'>, () => void>> = {
  running() {
    hold();
    stay(mutator.index);
  },
  parked() {
    hold();
    mutator.parked(() => stay(mutator.index));
  },
  'parked for a promise'() {
    hold();
    void mutator.parked(() => new Promise(() => undefined));
    stay(mutator.index);
  },
  'at a safepoint'() {
    Atomics.store(told, 1, mutator.index);
    Atomics.store(told, 0, 1);
    Atomics.notify(told, 0);
    for (;;) hold();
  },
  objects() {
    // The first has start bits; the others fill more than a chunk, and one of them is hung up for all to see.
    mutator.setGlobal(0, mutator.allocate(1, 0, 1));
    mutator.parked(() => undefined);
    for (let i = 0; i < 500; i++) mutator.allocate(1, 200 + (i % 50), i);
    const last = mutator.allocate(1, 40, 4711);
    mutator.store(mutator.global(0), 0, last);
    stay(mutator.global(0), last);
  },
  overwritten() {
    // Marking runs, and nobody but the log knows of the object any more.
    const holder = mutator.global(0);
    const object = mutator.load(holder, 0);
    mutator.store(holder, 0, 0);
    stay(object);
  },
  'log nearly full'() {
    const holder = mutator.global(0);
    const object = mutator.load(holder, 1);
    for (let i = 0; i < LOG_ENTRIES + 5; i++) mutator.store(holder, 1, object);
    stay(object);
  },
  pinned() {
    hold();
    mutator.pin(frame);
    stay(mutator.pin(frame));
  },
  'region taken': () => stay(heap.regions.take(RegionState.OPEN)),
  'run taken': () => stay(heap.regions.takeRun(3)),
  closed() {
    // It closed its region, and did not come to take the next.
    hold();
    mutator.parked(() => undefined);
    const region = Math.floor(mutator.root(frame) / heap.layout.granulesPerRegion);
    Atomics.store(heap.meta.regionState, region, RegionState.KEPT);
    stay(region);
  },
};
points[point]();
