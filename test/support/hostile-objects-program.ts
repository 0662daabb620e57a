/**
 * A process in which a mutator writes what it likes into its objects, headers included, and then asks for a collection.
 * One heap after another, a line for each: what the collection said. It must have said something, for each of these
 * leaves something reachable that is no object.
 *
 *     node hostile-objects-program.js RESOLUTION DELIVERY FLIP
 */
import { writeSync } from 'node:fs';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, type Heap, Mutator, RegionState } from '../../heap/index.js';
import { SMALL_REGION_BYTES } from './random-heap.js';

const [resolution = '', delivery = '', flip = ''] = process.argv.slice(2);
const OBJECTS = 4000;
/** An object of two references and eight words of payload: six granules. */
const [REFERENCES, PAYLOAD, GRANULES] = [2, 32, 6];

/** What is done to object `object` of a healthy heap. `dead` is one that nothing refers to. */
type Scenario = (words: Int32Array, object: number, dead: number, heap: Heap) => void;

const header = (granules: number, references: number) => granules | (references << 16);
const slot = (object: number, number: number) => 2 * object + 2 + number;

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  'a reference outside the heap': (words, object, _, { layout }) => {
    words[slot(object, 1)] = layout.granules;
  },
  'a reference far outside the heap': (words, object) => {
    words[slot(object, 1)] = -1;
  },
  'a reference into the null region': (words, object) => {
    words[slot(object, 1)] = 1;
  },
  'a reference into a free region': (words, object, _, { layout }) => {
    words[slot(object, 1)] = layout.granules - 8;
  },
  'a header of all ones': (words, object) => {
    words[2 * object] = -1;
  },
  'a header of size 0 with references, to itself': (words, object) => {
    words[2 * object] = header(0, REFERENCES);
    words[slot(object, 0)] = words[slot(object, 1)] = object;
  },
  'a header of zeros': (words, object) => {
    words[2 * object] = 0;
  },
  'a header with a size past the region': (words, object) => {
    words[2 * object] = header(0xffff, REFERENCES);
  },
  'a header with more references than room': (words, object) => {
    words[2 * object] = header(GRANULES, 0xffff);
  },
  'a reference into the middle of an object, where zeros are': (words, object, dead) => {
    words[slot(object, 1)] = dead + 3;
  },
  'a reference into the middle of an object, where a header is faked': (words, object, dead) => {
    words[slot(object, 1)] = dead + 3;
    words[2 * (dead + 3)] = header(0xffff, 0xfffe);
  },
  'a reference into the middle of a humongous object, where a header is faked': (
    words,
    object,
    _,
    { meta, layout },
  ) => {
    const inside = meta.regionState.indexOf(RegionState.HUMONGOUS) * layout.granulesPerRegion + 100;
    words[slot(object, 1)] = inside;
    words[2 * inside] = header(0xffff, 0xfffe);
  },
};

/** A chain of objects on root slot 0, with garbage between them, so that a collection has something to move. */
function grow(mutator: Mutator): void {
  for (let i = 0; i < OBJECTS; i++) {
    const object = mutator.allocate(REFERENCES, PAYLOAD);
    mutator.store(object, 0, mutator.root(0));
    mutator.setRoot(0, object);
    mutator.allocate(0, 40);
  }
}

/** The object `steps` down the chain. */
function follow(mutator: Mutator, steps: number): number {
  let object = mutator.root(0);
  for (let i = 0; i < steps; i++) object = mutator.load(object, 0);
  return object;
}

async function run(scenario: Scenario): Promise<string> {
  const shape = { bytes: 2 << 20, regionBytes: SMALL_REGION_BYTES, pageBytes: 4096, mutators: 1 };
  const heap = createHeap(shape, resolution, flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1 });
  await collector.start();
  const mutator = Mutator.attach(heap);
  mutator.enter(1);
  grow(mutator);
  await mutator.parked(() => collector.collect());
  let said = 'nothing';
  try {
    mutator.allocate(0, SMALL_REGION_BYTES);
    const dead = mutator.allocate(0, 40);
    scenario(heap.view(heap.bank), follow(mutator, OBJECTS / 2), dead, heap);
    await mutator.parked(() => collector.collect());
  } catch (error) {
    said = String(error);
  }
  try {
    mutator.detach();
  } catch {
    // it has heard already
  }
  await collector.stop();
  heap.close();
  return said;
}

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  writeSync(1, `${name}: `);
  writeSync(1, `${await run(scenario)}\n`);
}
writeSync(1, 'all done\n');
process.exit(0);
