// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CycleRecord, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { defaultShape, Heap, Mutator, RegionState } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { Random } from '../support/random.js';
import { allocateSized, BOUNDARY_GRANULES } from '../support/random-heap.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const WAYS: readonly { resolution: string; flip: string; pageBytes?: number }[] = [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
  // A region is a page, as with huge pages.
  { resolution: 'continue', flip: 'bank', pageBytes: MIB },
];

interface Stage {
  readonly heap: Heap;
  readonly mutator: Mutator;
  /** A cycle, verified, after which the graph is the same as before. */
  readonly collect: () => Promise<CycleRecord>;
  readonly free: () => number;
}

/** Runs `play` on a heap of its own, once for every way to collect. */
function onEveryWay(name: string, play: (stage: Stage) => Promise<void>, heapMiB = 16): void {
  for (const way of WAYS) {
    const { resolution, flip, pageBytes } = way;
    test(`${resolution} × ${flip}${pageBytes ? `, pages of ${pageBytes}` : ''}: ${name}`, async () => {
      const shape = defaultShape(heapMiB * MIB, 1, pageBytes);
      const heap = pageBytes ? Heap.create({ ...shape, space: 'twin', banks: 2 }) : createHeap(shape, resolution, flip);
      if (pageBytes) heap.workspace.fill(0); // no holes: a huge page is all there from its first byte on
      const inspect = () => void verifyHeap(heap);
      const collector = new Collector(heap, { ...way, delivery: 'handler', workers: 2, inspect });
      await collector.start();
      const mutator = Mutator.attach(heap);
      const digest = () => digestGraph(new HeapGraph(heap));
      const collect = async () => {
        return mutator.parked(async () => {
          const before = digest();
          const record = await collector.collect();
          assert.equal(digest(), before);
          return record;
        });
      };
      try {
        await play({ heap, mutator, collect, free: () => heap.regions.free });
        mutator.detach();
      } catch (error) {
        throw collector.error ?? error;
      } finally {
        await collector.stop();
        heap.close();
      }
    });
  }
}

/** Regions that the mutator allocates in are given up by the cycle after next. */
async function settled({ collect }: Stage): Promise<void> {
  await collect();
  await collect();
}

onEveryWay('an empty heap', async (stage) => {
  const record = await stage.collect();
  assert.equal([record.liveBytes, record.evacuatedBytes, record.reclaimedBytes], [0, 0, 0]);
  await settled(stage);
  assert.is(stage.free(), 16);
});

onEveryWay('nothing is live', async (stage) => {
  for (let i = 0; i < 20_000; i++) stage.mutator.allocate(2, 300);
  await settled(stage);
  assert.is(stage.free(), 16);
});

onEveryWay('everything is live', async (stage) => {
  const { mutator, heap } = stage;
  const frame = mutator.enter(1);
  for (let i = 0; i < 40_000; i++) {
    const object = mutator.allocate(1, 200, i);
    mutator.store(object, 0, mutator.root(frame));
    mutator.setRoot(frame, object);
  }
  const record = await stage.collect();
  assert.is(record.evacuatedBytes, 0, 'full regions stay');
  const again = await stage.collect();
  assert.ok(again.liveBytes >= 40_000 * 208);
  assert.is(heap.regions.free, stage.free());
});

onEveryWay('every object in a region of its own: all the garbage is given back', async (stage) => {
  const { mutator } = stage;
  mutator.setGlobal(0, mutator.allocate(8, 0));
  for (let i = 0; i < 8; i++) {
    mutator.store(mutator.global(0), i, mutator.allocate(0, 8, i));
    mutator.allocate(0, 500_000);
    mutator.allocate(0, 500_000);
  }
  await settled(stage);
  await stage.collect();
  assert.ok(stage.free() >= 13, `${stage.free()} regions are free`);
  for (let i = 0; i < 8; i++) assert.is(mutator.tag(mutator.load(mutator.global(0), i)), i);
});

onEveryWay('one region is free, and one object has to move', async (stage) => {
  const { mutator, heap } = stage;
  mutator.setGlobal(0, mutator.allocate(20, 0));
  // Filled by humongous objects but for the table's region and two more, in each of which little is live.
  for (let i = 0; heap.regions.free > 3; i++) mutator.store(mutator.global(0), i, mutator.allocate(0, 900_000, i));
  mutator.allocate(0, 500_000);
  mutator.allocate(0, 500_000);
  mutator.store(mutator.global(0), 19, mutator.allocate(0, 400_000, 19));
  mutator.allocate(0, 500_000);
  mutator.allocate(0, 500_000);
  mutator.store(mutator.global(0), 18, mutator.allocate(0, 8, 18));
  assert.is(stage.free(), 1);
  await settled(stage);
  assert.ok(stage.free() >= 2, `${stage.free()} regions are free`);
  for (const slot of [18, 19]) assert.is(mutator.tag(mutator.load(mutator.global(0), slot)), slot);
});

onEveryWay('everything in one humongous object', async (stage) => {
  const { mutator, heap } = stage;
  const count = (13 * MIB) / 4;
  const object = mutator.allocate(count, 100, 77);
  mutator.setGlobal(0, object);
  mutator.store(object, 0, object);
  mutator.store(object, count - 1, object);
  mutator.setPayload(object, 24, 5);
  await settled(stage);
  assert.is(mutator.global(0), object, 'it does not move');
  assert.is(heap.regions.free, 16 - 14);
  assert.equal([mutator.load(object, 0), mutator.load(object, count - 1)], [object, object]);
  mutator.setGlobal(0, 0);
  await settled(stage);
  assert.is(stage.free(), 16, 'the whole run is given back');
});

onEveryWay('a humongous array across regions refers to objects that move', async (stage) => {
  const { mutator } = stage;
  const count = 400_000;
  mutator.setGlobal(0, mutator.allocate(count, 0, 1));
  const random = new Random(5);
  const slots = [0, 1, count - 1, ...Array.from({ length: 2000 }, () => random.below(count))];
  for (const slot of slots) {
    mutator.store(mutator.global(0), slot, mutator.allocate(0, 8, slot));
    mutator.allocate(0, 2000);
  }
  const record = await stage.collect();
  assert.ok(record.evacuatedBytes > 0 && record.pages.updated > 0, JSON.stringify(record));
  for (const slot of slots) assert.is(mutator.tag(mutator.load(mutator.global(0), slot)), slot);
});

onEveryWay('a pinned object stays while all around it moves; unpinned, it moves', async (stage) => {
  const { mutator, heap } = stage;
  const frame = mutator.enter(2);
  mutator.setRoot(frame + 1, mutator.allocate(1000, 0));
  mutator.setRoot(frame, mutator.allocate(0, 8, 42));
  const pinned = mutator.pin(frame);
  const others: number[] = [];
  for (let i = 0; i < 1000; i++) {
    mutator.store(mutator.root(frame + 1), i, mutator.allocate(0, 8, i));
    mutator.allocate(0, 8000);
    others.push(mutator.load(mutator.root(frame + 1), i));
  }
  await settled(stage);
  assert.is(mutator.root(frame), pinned);
  assert.is(mutator.tag(pinned), 42);
  const moved = others.filter((old, i) => mutator.load(mutator.root(frame + 1), i) !== old).length;
  assert.ok(moved > 500, `${moved} of 1000 moved`);
  mutator.unpin(pinned);
  assert.ok(heap.meta.regionPins.every((pins) => pins === 0));
  await settled(stage);
  assert.is.not(mutator.root(frame), pinned);
  assert.is(mutator.tag(mutator.root(frame)), 42);
});

onEveryWay(
  'objects of boundary sizes, on and across pages, dropped and moved again and again',
  async (stage) => {
    const { mutator } = stage;
    const random = new Random(9);
    const count = 2000;
    mutator.setGlobal(0, mutator.allocate(count, 0));
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < count; i++) {
        if (random.chance(0.4)) continue;
        const object = allocateSized(mutator, random, random.pick(BOUNDARY_GRANULES));
        const table = mutator.global(0);
        for (let slot = Math.min(10, mutator.references(object)); slot > 0; slot--) {
          mutator.store(object, slot - 1, mutator.load(table, random.below(count)));
        }
        const old = mutator.load(table, i);
        if (old !== 0) for (let slot = mutator.references(old); slot > 0; slot--) mutator.store(old, slot - 1, 0);
        mutator.store(table, i, object);
      }
      await stage.collect();
    }
    // Evacuated regions and targets have their proper names again.
    const odd = [RegionState.EVACUATED, RegionState.TARGET] as number[];
    assert.ok(stage.heap.meta.regionState.every((state) => !odd.includes(state)));
  },
  64,
);

test.run();
