/** Mutators in threads of their own that verify what they read until they are told to leave: see hammer-program.ts. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Heap } from '../../heap/index.js';

export interface Fleet {
  /** Lets them go, and returns how many rounds each has done. */
  leave(): Promise<number[]>;
}

/** Starts `count` threads of `script`, which post that they are ready and, in the end, a number. */
export async function startFleet(heap: Heap, count: number, script: URL, task: object): Promise<Fleet> {
  const stop = new Int32Array(new SharedArrayBuffer(4));
  const threads = Array.from({ length: count }, (_, number) => {
    const worker = new Worker(script, { workerData: { heap: heap.handle, stop, number, ...task } });
    const exit = once(worker, 'exit'); // rejects with the thread's error, which ends the process if nobody waits for it
    return { worker, exit };
  });
  await Promise.all(threads.map(({ worker }) => once(worker, 'message')));
  return {
    async leave() {
      const rounds = Promise.all(threads.map(async ({ worker }) => (await once(worker, 'message'))[0] as number));
      Atomics.store(stop, 0, 1);
      const done = await rounds;
      await Promise.all(threads.map(({ exit }) => exit));
      return done;
    },
  };
}
