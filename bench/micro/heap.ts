/** What the heap's own operations cost: allocate, load, store, and the kernels a page. */
import { createHeap, FLIPS } from '../../gc/index.js';
import { mark } from '../../gc/workers/mark.js';
import { plan } from '../../gc/workers/plan.js';
import {
  Barrier,
  Control,
  defaultShape,
  GLOBAL_SLOTS,
  type Heap,
  Mutator,
  Own,
  ownBase,
  RegionState,
} from '../../heap/index.js';
import { provide } from '../../heap/tlab.js';
import { MiB } from '../sizes.js';
import type { MicroBenchmark, Suite } from './harness.js';

/** A mutator's operations take about a nanosecond: they are timed by the thousand, over this many objects. */
const thousand = 1000;
const references = 2;
const payloadBytes = 48;
const objectBytes = 64;
const heapBytes = 64 * MiB;

/** The two ways a heap is made of memory. */
const kinds = [
  { name: 'shared memory', resolution: 'continue', flip: 'bank' },
  { name: 'private memory', resolution: 'copy', flip: 'remap' },
] as const;
type Kind = (typeof kinds)[number];

/** A heap without a collector, and one mutator on this thread. */
function openHeap({ resolution, flip }: Kind): { heap: Heap; mutator: Mutator } {
  const heap = createHeap(defaultShape(heapBytes, 1), resolution, flip);
  return { heap, mutator: Mutator.attach(heap) };
}

/** Frees every region as a cycle does that finds nothing alive. */
function freeAll({ meta, kernels, regions, space }: Heap): void {
  for (let region = 0; region < meta.regionState.length; region++) {
    if (meta.regionState[region] !== RegionState.KEPT) continue;
    kernels.clearStarts(region);
    regions.release(region);
  }
  space.views[0].advise(0, space.views[0].bytes, 'dontneed');
}

const allocation = (kind: Kind): Suite => ({
  name: `allocation, ${kind.name}`,
  open: () => {
    const { heap, mutator } = openHeap(kind);
    let m = mutator;
    const renew = () => {
      m.detach();
      freeAll(heap);
      m = Mutator.attach(heap);
    };
    const allocate = (bytes: number): MicroBenchmark => ({
      name: `allocate ${bytes} B, 1000 times`,
      run: () => {
        for (let i = 0; i < thousand; i++) m.allocate(references, bytes - 16);
      },
      supply: { renew, operations: Math.floor((heapBytes * 0.75) / (bytes * thousand)) },
    });
    const chunk = { pages: 16, granules: 16 * heap.layout.granulesPerPage };
    let at = 0;
    const handOut: MicroBenchmark = {
      name: 'hand out a chunk of 64 KiB',
      run: () => {
        provide(heap, at, chunk.granules, 0, 1);
        at += chunk.granules;
      },
      pages: chunk.pages,
      supply: {
        renew: () => {
          renew();
          at = heap.layout.granulesPerRegion;
        },
        operations: Math.floor((heapBytes * 0.75) / (chunk.pages * heap.layout.pageBytes)),
      },
    };
    return { benchmarks: [allocate(24), allocate(64), allocate(1024), handOut], close: () => heap.close() };
  },
});

const access: Suite = {
  name: 'mutator',
  open: () => {
    const { heap, mutator: m } = openHeap(kinds[0]);
    const frame = m.enter(1);
    m.setRoot(frame, m.allocate(thousand, 0));
    for (let i = 0; i < thousand; i++) {
      const object = m.allocate(references, payloadBytes, i);
      m.store(m.root(frame), i, object);
      m.store(object, 0, object);
    }
    let sum = 0;
    // Every loop is a function of its own, so that V8 compiles each for what it does.
    const benchmarks: readonly MicroBenchmark[] = [
      {
        name: 'load, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) sum = (sum + m.load(table, i)) | 0;
        },
      },
      {
        name: 'load and store, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) m.store(table, i, m.load(table, thousand - 1 - i));
        },
      },
      whileMarking(m, {
        name: 'load and store while marking, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) m.store(table, i, m.load(table, thousand - 1 - i));
        },
      }),
      {
        name: 'load and read a tag, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) sum = (sum + m.tag(m.load(table, i))) | 0;
        },
      },
      {
        name: 'load and read payload, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) sum = (sum + m.payload(m.load(table, i), 0)) | 0;
        },
      },
      {
        name: 'load and write payload, 1000 times',
        run: () => {
          const table = m.root(frame);
          for (let i = 0; i < thousand; i++) m.setPayload(m.load(table, i), 0, i);
        },
      },
      {
        name: 'read and write a root slot, 1000 times',
        run: () => {
          for (let i = 0; i < thousand; i++) m.setRoot(frame, m.root(frame));
        },
      },
      {
        name: 'enter and leave 2 slots, 1000 times',
        run: () => {
          for (let i = 0; i < thousand; i++) m.leave(m.enter(2));
        },
      },
      {
        name: 'safepoint, nobody asking, 1000 times',
        run: () => {
          for (let i = 0; i < thousand; i++) m.safepoint();
        },
      },
    ];
    return { benchmarks, close: () => heap.close() };
  },
};

/** The same benchmark with the write barrier on. Each sample begins a marking of its own. */
function whileMarking(mutator: Mutator, benchmark: MicroBenchmark): MicroBenchmark {
  const { heap, index } = mutator;
  const setBarrier = (mode: number) => {
    heap.control[ownBase(index) + Own.BARRIER] = mode;
    mutator.parked(() => {}); // it looks at its words again
  };
  return {
    ...benchmark,
    run: () => {
      setBarrier(Barrier.OLD);
      benchmark.run();
      setBarrier(Barrier.OFF);
    },
    supply: { renew: () => heap.kernels.beginMarking(1), operations: 100 },
  };
}

/** Three quarters of a heap full of objects, every second one garbage, each referring to two others at random. */
function fill(kind: Kind): Heap {
  const { heap, mutator: m } = openHeap(kind);
  const count = (heapBytes * 0.75) / objectBytes;
  m.setGlobal(0, m.allocate(count, 0));
  for (let i = 0; i < count; i++) {
    const object = m.allocate(references, payloadBytes, i);
    m.store(m.global(0), i, object);
  }
  let random = 1;
  for (let i = 0; i < count; i++) {
    const object = m.load(m.global(0), i);
    for (let slot = 0; slot < references; slot++) {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      m.store(object, slot, m.load(m.global(0), 2 * (random % (count / 2))));
    }
  }
  for (let i = 1; i < count; i += 2) m.store(m.global(0), i, 0);
  m.detach();
  return heap;
}

function markAll(heap: Heap): void {
  heap.kernels.beginMarking(1);
  heap.kernels.shade(heap.meta.globals, GLOBAL_SLOTS);
  Atomics.store(heap.control, Control.IDLE, 0);
  mark({ heap, workers: 1, onProgress: () => {} });
}

const kernels = (kind: Kind): Suite => ({
  name: `kernels, ${kind.name}`,
  open: () => {
    const heap = fill(kind);
    const { kernels: native, layout, meta } = heap;
    const pagesOf = (region: number) => {
      const first = region * layout.pagesPerRegion;
      return Array.from(
        { length: Math.ceil(meta.regionTop[region] / layout.granulesPerPage) - first },
        (_, i) => first + i,
      );
    };
    const regionsIn = (state: number) =>
      Array.from({ length: layout.regions }, (_, region) => region).filter(
        (region) => meta.regionState[region] === state,
      );
    markAll(heap);
    plan({ heap, cycle: 1, leave: 0, maxLiveShare: 0.85 });
    FLIPS[kind.flip].switch(heap); // from here on private pages stand in the workspace
    const targets = regionsIn(RegionState.TARGET).flatMap(pagesOf);
    const kept = regionsIn(RegionState.KEPT).flatMap(pagesOf);
    /** Work on a page can be repeated: each operation takes the next one, around and around. */
    const onePage = (name: string, pages: readonly number[], run: (page: number) => void): MicroBenchmark => {
      let next = 0;
      return {
        name,
        pages: 1,
        run: () => {
          run(pages[next]);
          next = (next + 1) % pages.length;
        },
      };
    };
    return {
      benchmarks: [
        onePage('build a target page', targets, (page) => native.build(page, 0)),
        onePage('update a kept page', kept, (page) => native.update(page, 1)),
        onePage('see whether a kept page is live', kept, (page) => native.isPageLive(page, 1)),
      ],
      close: () => heap.close(),
    };
  },
});

const marking: Suite = {
  name: 'marking',
  open: () => {
    const heap = fill(kinds[0]);
    const pages = (heapBytes * 0.75) / heap.layout.pageBytes;
    return {
      benchmarks: [{ name: `mark ${heapBytes / MiB} MiB of 64 B, half alive`, run: () => markAll(heap), pages }],
      close: () => heap.close(),
    };
  },
};

/** Suites over heap/ and the kernels; each opens a small heap of its own. */
export const heapSuites: readonly Suite[] = [access, ...kinds.map(allocation), marking, ...kinds.map(kernels)];
