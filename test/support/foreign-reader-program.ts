/** A process of its own: a stress run whose views are read from outside, from before its heap is made to after its end. */
import { writeSync } from 'node:fs';
import { readAllTheTime, readBesideSteps } from './foreign-reader.js';
import { runStress } from './stress-run.js';
import type { Way } from './ways.js';

const { way, cycles } = JSON.parse(process.argv[2]!) as { way: Way; cycles: number };
const reader = readBesideSteps();
let thread: ReturnType<typeof readAllTheTime> | undefined;
try {
  const disturb = () => {
    thread ??= readAllTheTime(reader.views);
  };
  await runStress({ ...way, cycles, heapMiB: 32, disturb, disturbed: true });
  await thread?.stop();
  writeSync(1, `end: ${JSON.stringify(reader.reads())}\n`);
} catch (error) {
  writeSync(2, `${error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(1);
}
process.exit(0);
