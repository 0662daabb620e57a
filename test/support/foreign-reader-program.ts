/** A process of its own: a stress run whose views are read from outside, from before its heap is made to after its end. */
import { writeSync } from 'node:fs';
import { createHeap } from '../../gc/index.js';
import { type Delivery, defaultShape } from '../../heap/index.js';
import { readAllTheTime, readBesideSteps } from './foreign-reader.js';
import { peek } from './inject.js';
import { runStress } from './stress-run.js';
import type { Way } from './ways.js';

const { way, cycles } = JSON.parse(process.argv[2]!) as { way: Way; cycles: number };
const reader = readBesideSteps();
const left = leftAtStart();
let thread: ReturnType<typeof readAllTheTime> | undefined;
try {
  const disturb = () => {
    thread ??= readAllTheTime(reader.views);
  };
  await runStress({ ...way, cycles, heapMiB: 32, disturb, disturbed: true });
  await thread?.stop();
  writeSync(1, `end: ${JSON.stringify({ ...reader.reads(), left })}\n`);
} catch (error) {
  writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
process.exit(0);

/** Pages that are mapped in the views of a heap that has just been made, all of which were read while it was. */
function leftAtStart(): number {
  const heap = createHeap(defaultShape(16 << 20, 1), way.resolution, way.flip, { delivery: way.delivery as Delivery });
  const { views, watch } = heap.space;
  const mapped = views.map((view) => peek('process_vm_readv', view.address, view.bytes, view.pageSize));
  heap.close();
  reader.forget();
  return watch === null ? 0 : mapped.reduce((sum, pages) => sum + pages);
}
