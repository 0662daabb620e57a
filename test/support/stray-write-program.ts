/**
 * A process in which a mutator strays into a region that is evacuated, while targets are still built from it, and
 * writes over an object's header there.
 */
import { Collector, createHeap } from '../../gc/index.js';
import { Control, defaultShape, Mutator, RegionState, testBit } from '../../heap/index.js';

const OBJECTS = 30_000;
const WAY = { resolution: 'continue', flip: 'remap', delivery: 'handler' } as const;

const heap = createHeap(defaultShape(32 << 20, 1), WAY.resolution, WAY.flip, { delivery: WAY.delivery });
const sabotage = { delay: { phases: ['compact'], chance: 1, ms: 1 } } as const; // time to stray in
const collector = new Collector(heap, { ...WAY, workers: 1, batch: 1, sabotage });
await collector.start();
const mutator = Mutator.attach(heap);
mutator.setGlobal(0, mutator.allocate(OBJECTS, 0));
for (let i = 0; i < OBJECTS; i++) {
  mutator.store(mutator.global(0), i, mutator.allocate(0, 120, i));
  mutator.allocate(0, 200);
}
const timer = setInterval(() => {
  if (Atomics.load(heap.control, Control.COMPACTING) === 0) return;
  clearInterval(timer);
  heap.view(heap.bank)[2 * lastEvacuated()] = 0;
}, 1);
await mutator.parked(() => collector.collect());
process.exit(4);

/** The live object that comes to its target last. */
function lastEvacuated(): number {
  const { meta, layout } = heap;
  const regions = Array.from({ length: layout.regions }, (_, region) => region);
  const last = regions.find((r) => meta.regionState[r] === RegionState.EVACUATED && meta.regionNext[r] === -1)!;
  let granule = (last + 1) * layout.granulesPerRegion - 1;
  while (!(testBit(meta.starts, granule) && testBit(meta.live, granule))) granule--;
  return granule;
}
