/**
 * System calls on an object's memory while it is not published: a process whose mutator writes one to a file as soon as
 * it stands in a new view, first as it is and then after ensureReadable(). Prints what became of each.
 */
import { mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, type HeapHandle, Mutator } from '../../heap/index.js';

const WORDS = 10_000;

async function main([resolution = '', delivery = '', flip = '']: readonly string[]): Promise<void> {
  const heap = createHeap(defaultShape(32 << 20, 1), resolution, flip, { delivery: delivery as Delivery });
  // Lazy: for half a second nothing is published that nobody touches.
  const collector = new Collector(heap, { resolution, delivery, flip, workers: 1, publish: 'lazy' });
  await collector.start();
  const worker = new Worker(new URL(import.meta.url), { workerData: heap.handle });
  const heard: string[] = [];
  let collected = Promise.resolve();
  await new Promise((left) => {
    worker.on('exit', left);
    worker.on('message', (text: string) => {
      if (text === 'ready') collected = collector.collect().then(() => undefined);
      else heard.push(text);
    });
  });
  await collected;
  await collector.stop();
  heap.close();
  console.log(heard.join('\n'));
}

function mutate(handle: HeapHandle): void {
  const mutator = Mutator.attach(handle);
  const { heap } = mutator;
  const frame = mutator.enter(2);
  mutator.setRoot(frame, mutator.allocate(0, 4 * WORDS));
  for (let i = 0; i < WORDS; i++) mutator.setPayload(mutator.root(frame), i, i * 3);
  for (let i = 0; i < 5000; i++) mutator.setRoot(frame + 1, mutator.allocate(0, 1000, i)); // something to evacuate
  // Before the flip: what comes after it has half a second, on whatever machine.
  const folder = mkdtempSync(join(tmpdir(), 'continuum-'));
  const file = join(folder, 'object');
  const descriptor = openSync(file, 'w');
  const before = Atomics.load(heap.control, Control.GENERATION);
  parentPort!.postMessage('ready');
  while (Atomics.load(heap.control, Control.GENERATION) === before) mutator.safepoint();
  mutator.safepoint();
  const object = mutator.root(frame);
  const bytes = Buffer.from(heap.view(heap.bank).buffer, 8 * object + 8, 4 * WORDS);
  const attempt = (): string => {
    try {
      return `${writeSync(descriptor, bytes, 0, bytes.length, 0)} bytes`;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
  };
  parentPort!.postMessage(`as it is: ${attempt()}`);
  heap.ensureReadable(object, 8 + 4 * WORDS);
  parentPort!.postMessage(`ensured: ${attempt()}`);
  const written = readFileSync(file);
  let right = 0;
  for (let i = 0; i < WORDS; i++) if (written.readInt32LE(4 * i) === i * 3) right++;
  parentPort!.postMessage(`right: ${right} of ${WORDS}`);
  for (const [reference, length] of [
    [0, 8],
    [object, 1 << 30],
    [object, -1],
  ] as const) {
    try {
      heap.ensureReadable(reference, length);
      parentPort!.postMessage(`no error for ${reference}, ${length}`);
    } catch (error) {
      parentPort!.postMessage((error as Error).name);
    }
  }
  rmSync(folder, { recursive: true });
  mutator.detach();
}

if (isMainThread) await main(process.argv.slice(2));
else mutate(workerData as HeapHandle);
