/**
 * A process with a heap that forks without exec(2), in the test build of the addon: its way is its arguments. Says what of
 * the heap the child has, and whether a collection beside the child came to its end.
 */
import { readFileSync } from 'node:fs';
import { Collector, createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { fillHalfDead } from './half-dead.js';
import { forkFor, hasEnded } from './inject.js';

const MIB = 2 ** 20;
/** The child is there for longer than a collection waits for a page that it has as well. */
const CHILD_MS = 20_000;

const [resolution = '', delivery = '', flip = ''] = process.argv.slice(2);
const choices = delivery === 'none' ? {} : { delivery: delivery as Delivery };
const heap = createHeap(defaultShape(32 * MIB, 1), resolution, flip, choices);
const collector = new Collector(heap, { resolution, delivery, flip, workers: 1 });
await collector.start();
fillHalfDead(heap, 8 * MIB);
await collector.collect(); // and what a flip has put elsewhere is in its place
fillHalfDead(heap, 8 * MIB);
const child = forkFor(CHILD_MS);
try {
  const { workspace, views } = heap.space;
  const parts = [workspace, ...views, ...[heap.space.coming(0), heap.space.staging].filter((part) => part !== null)];
  const copied = readFileSync(`/proc/${child}/maps`, 'utf8')
    .split('\n')
    .filter((line) => {
      const [from = 0, to = 0] = line.split(/[- ]/, 2).map((text) => Number.parseInt(text, 16));
      return !line.includes('---p') && parts.some(({ address, bytes }) => from < address + bytes && to > address);
    });
  const { evacuatedBytes } = await collector.collect();
  console.log(JSON.stringify({ copied, evacuatedBytes, childThere: !hasEnded(child) }));
} finally {
  process.kill(child, 'SIGKILL');
}
await collector.stop();
heap.close();
