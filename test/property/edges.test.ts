// deadline: 900s
/** Objects that lie on the edges of pages and regions, and a heap with one region to spare, on every way. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CycleRecord, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { type Delivery, Mutator } from '../../heap/index.js';
import { collectModel, ModelHeap, ModelMutator, modelShape } from '../model/index.js';
import { exitAfterwards } from '../support/exit.js';
import { Mirror, NOTHING } from '../support/mirror.js';
import { SMALL_REGION_BYTES } from '../support/random-heap.js';
import { nameOf, WAYS } from '../support/ways.js';
import { EDGES } from './programs.js';

exitAfterwards(test);

interface Stage {
  readonly mirror: Mirror;
  readonly granulesPerPage: number;
  readonly granulesPerRegion: number;
  readonly free: () => number;
  /** A verified cycle, before and after which the graph is the model's. */
  readonly collect: () => Promise<CycleRecord>;
}

function onEveryWay(name: string, regions: number, play: (stage: Stage) => Promise<void>): void {
  for (const way of WAYS) {
    test(`${nameOf(way)}: ${name}`, async () => {
      const bytes = regions * SMALL_REGION_BYTES;
      const shape = { bytes, regionBytes: SMALL_REGION_BYTES, pageBytes: 4096, mutators: 1 };
      const heap = createHeap(shape, way.resolution, way.flip, { delivery: way.delivery as Delivery });
      const { granulesPerRegion, granulesPerPage } = heap.layout;
      const collector = new Collector(heap, { ...way, workers: 1, inspect: () => void verifyHeap(heap) });
      await collector.start();
      const model = ModelHeap.create(modelShape(4 * regions, granulesPerRegion, granulesPerPage), 1);
      const mutator = Mutator.attach(heap);
      const compare = () => assert.equal(digestGraph(new HeapGraph(heap)), digestGraph(model));
      const collect = () =>
        mutator.parked(async () => {
          compare();
          const record = await collector.collect();
          collectModel(model);
          compare();
          return record;
        });
      try {
        const mirror = new Mirror(mutator, new ModelMutator(model, 0));
        await play({ mirror, granulesPerPage, granulesPerRegion, free: () => heap.regions.free, collect });
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

/** Slots of the only frame: the table of what is kept, and what is being made. */
const TABLE = 0;
const MADE = 1;

/** Allocates garbage until the next object will begin `at` granules into a stretch of `every`. */
function garbageUpTo({ mirror }: Stage, at: number, every: number, granulesPerRegion: number): void {
  const probe = mirror.allocate(MADE, { references: 0, payloadBytes: 0, tag: -1 }).heap + 1;
  let missing = (at - (probe % every) + every) % every;
  // In parts: no object is larger than half a region, and none may be left over at a region's end.
  for (const most = granulesPerRegion / 4; missing > 0; missing -= Math.min(missing, most)) {
    mirror.allocate(MADE, { references: 0, payloadBytes: 8 * (Math.min(missing, most) - 1), tag: -1 });
  }
}

/** An object of so many granules, as many references as payload, which is all written; kept in entry `entry`. */
function keep({ mirror }: Stage, entry: number, granules: number): number {
  const words = 2 * granules - 2;
  const references = words >> 1;
  const made = mirror.allocate(MADE, { references, payloadBytes: 4 * (words - references), tag: entry });
  for (let i = mirror.payloadWords(made) - 1; i >= 0; i--) mirror.setPayload(made, i, entry * 1000 + i);
  const table = mirror.root(TABLE);
  for (let slot = 0; slot < references; slot += 7) mirror.store(made, slot, mirror.load(table, slot % (entry + 1)));
  mirror.store(table, entry, made);
  return made.heap;
}

function readAll({ mirror }: Stage, entries: number): void {
  for (let entry = 0; entry < entries; entry++) {
    const object = mirror.load(mirror.root(TABLE), entry);
    assert.is.not(object.heap, 0);
    for (let i = mirror.payloadWords(object) - 1; i >= 0; i--) mirror.comparePayload(object, i);
    for (let slot = mirror.references(object) - 1; slot >= 0; slot--) mirror.load(object, slot);
  }
}

onEveryWay('objects that begin, end and lie across the edges of pages', 64, async (stage) => {
  const { mirror, granulesPerPage, granulesPerRegion } = stage;
  mirror.enter(2);
  mirror.allocate(TABLE, { references: 200, payloadBytes: 0, tag: 0 });
  let entries = 0;
  let across = 0;
  for (const granules of EDGES) {
    // One granule before the edge, on it, one behind it; and such that the object ends there.
    for (const at of [granulesPerPage - 1, 0, 1, granulesPerPage - (granules % granulesPerPage)]) {
      garbageUpTo(stage, at % granulesPerPage, granulesPerPage, granulesPerRegion);
      const made = keep(stage, entries++, granules);
      if (made % granulesPerPage === at % granulesPerPage) across++;
    }
  }
  // Few stand elsewhere, where a region came to its end before them.
  assert.ok(across > entries - 12, `${across} of ${entries} objects stand where they were to`);
  let moved = 0;
  for (let turn = 0; turn < 3; turn++) {
    moved += (await stage.collect()).evacuatedBytes;
    readAll(stage, entries);
  }
  assert.ok(moved > 0, 'nothing moved');
});

onEveryWay('objects that end with their region, and the first of the next', 64, async (stage) => {
  const { mirror, granulesPerRegion } = stage;
  mirror.enter(2);
  mirror.allocate(TABLE, { references: 100, payloadBytes: 0, tag: 0 });
  let entries = 0;
  for (const granules of [1, 2, 3, 4, 7, 8, 511, 512, 513, 1023, 1024, 1025, granulesPerRegion / 2]) {
    garbageUpTo(stage, granulesPerRegion - granules, granulesPerRegion, granulesPerRegion);
    const last = keep(stage, entries++, granules);
    assert.is((last + granules) % granulesPerRegion, 0, `the object of ${granules} granules is its region's last`);
    const first = keep(stage, entries++, granules);
    assert.is(first % granulesPerRegion, 0, 'the next one is the first of a region');
  }
  let moved = 0;
  for (let turn = 0; turn < 3; turn++) {
    moved += (await stage.collect()).evacuatedBytes;
    readAll(stage, entries);
  }
  assert.ok(moved > 0, 'nothing moved');
});

onEveryWay('one region is free, and what is left of two others has to move into it', 16, async (stage) => {
  const { mirror, granulesPerRegion, free } = stage;
  mirror.enter(2);
  mirror.allocate(TABLE, { references: 16, payloadBytes: 0, tag: 0 });
  const garbage = { references: 0, payloadBytes: 8 * ((3 * granulesPerRegion) / 8 - 1), tag: -1 };
  let entries = 0;
  for (; free() > 2; entries++) keep(stage, entries, granulesPerRegion - 8); // humongous: they stay
  mirror.allocate(MADE, garbage);
  keep(stage, entries++, granulesPerRegion / 4);
  // The table has taken a little of the first region: this is in the next, which is then full to the last granule.
  mirror.allocate(MADE, garbage);
  mirror.allocate(MADE, garbage);
  keep(stage, entries++, granulesPerRegion / 4);
  mirror.setRoot(MADE, NOTHING);
  assert.is(free(), 1);
  let moved = 0;
  for (let turn = 0; turn < 3; turn++) {
    moved += (await stage.collect()).evacuatedBytes;
    readAll(stage, entries);
  }
  assert.ok(moved > 0, 'nothing moved');
  assert.ok(free() >= 2, `${free()} regions are free`);
});

test.run();
