/** A thread that keeps writing to pages at random, each time a larger number, until it is told to stop. */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Mapping } from '../../native/memory.js';
import { PAGE } from './native-twin.js';
import { Random } from './random.js';

interface WriterTask {
  readonly mapping: number;
  /** Becomes 1 when the thread is to stop. */
  readonly stop: Int32Array;
}

export interface Writer {
  /** Resolves to the writes it did, once the thread has ended. */
  stop(): Promise<number>;
}

/** Every page of the mapping must be there, or somebody must see to it. Resolves when the thread has begun. */
export async function startWriter(mapping: Mapping): Promise<Writer> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL(import.meta.url), { workerData: { writer: { mapping: mapping.id, stop } } });
  await once(worker, 'message');
  return {
    async stop() {
      Atomics.store(stop, 0, 1);
      const [[writes]] = (await Promise.all([once(worker, 'message'), once(worker, 'exit')])) as [[number], unknown];
      return writes;
    },
  };
}

function write({ mapping: id, stop }: WriterTask): void {
  const words = new Int32Array(Mapping.attach(id).buffer);
  const random = new Random(7);
  const wordsPerPage = PAGE / 4;
  let writes = 0;
  parentPort!.postMessage('begun');
  while (Atomics.load(stop, 0) === 0) {
    for (let i = 0; i < 100; i++) words[random.below(words.length / wordsPerPage) * wordsPerPage] = ++writes;
  }
  parentPort!.postMessage(writes);
}

if (!isMainThread && workerData?.writer) write(workerData.writer);
