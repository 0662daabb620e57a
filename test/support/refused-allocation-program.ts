/** A mutator whose memory is refused while it allocates, small and humongous: what is left of the heap after that. */
import { writeSync } from 'node:fs';
import { Collector, createHeap, verifyHeap } from '../../gc/index.js';
import { type Delivery, defaultShape, Mutator } from '../../heap/index.js';
import { arm, disarm, type Errno, publishes, seenBy } from './inject.js';
import type { Way } from './ways.js';

export interface RefusedAllocation {
  readonly way: Way;
  readonly error: Errno;
}

const { way, error } = JSON.parse(process.argv[2]!) as RefusedAllocation;
const heap = createHeap(defaultShape(32 << 20, 1), way.resolution, way.flip, { delivery: way.delivery as Delivery });
const collector = new Collector(heap, { ...way, workers: 1, inspect: () => void verifyHeap(heap) });
await collector.start();
const mutator = Mutator.attach(heap);
const frame = mutator.enter(1);
let tried = 0;

/** Allocates with the next mapping refused, and then again. */
function refuse(references: number): void {
  const free = heap.regions.free;
  // Fresh pages of private memory are copies of zeros, whatever publishes the others.
  arm([{ call: way.resolution === 'move' ? 'copy' : publishes(way), error }]);
  let thrown: unknown;
  for (let i = 0; i < 1_000_000 && thrown === undefined && seenBy(0).fired === 0; i++) {
    try {
      mutator.setRoot(frame, mutator.allocate(references, 8, 1));
    } catch (refusal) {
      thrown = refusal;
    }
  }
  disarm();
  if (!(thrown instanceof Error) || !thrown.message.includes(error)) throw new Error(`not refused, but: ${thrown}`);
  const humongous = references > heap.layout.granulesPerRegion;
  if (humongous && heap.regions.free !== free) {
    throw new Error(`${free - heap.regions.free} regions were lost to an object that is not there`);
  }
  mutator.setRoot(frame, mutator.allocate(references, 8, 2));
  if (mutator.tag(mutator.root(frame)) !== 2 || mutator.references(mutator.root(frame)) !== references) {
    throw new Error('what was allocated next is not what it should be');
  }
  mutator.setRoot(frame, 0);
  tried++;
}

for (let round = 0; round < 3; round++) {
  refuse(4);
  refuse(3 * heap.layout.granulesPerRegion);
  for (let i = 0; i < 20_000; i++) mutator.allocate(1, 40);
  await mutator.parked(() => collector.collect());
}
mutator.detach();
await collector.stop();
heap.close();
writeSync(1, `refused ${tried} times\n`);
process.exit(0);
