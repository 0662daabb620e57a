/**
 * The collector's threads: a pool for the phases and a pool for fault servers, which run for as long as the heap
 * does and would otherwise occupy the phases' workers.
 */
import { Piscina } from 'piscina';
import { Patience } from '../../heap/index.js';
import type { Tasks } from './tasks.js';

/** Longest a worker may take to load, before the pool is closed all the same. */
const LOAD_MS = 10_000;
const LOAD_STEP_MS = 100;

export class WorkerPool {
  private readonly pool: Piscina;
  /** Workers that have loaded their file. Each adds one; see worker.ts. */
  private readonly loaded = new Int32Array(new SharedArrayBuffer(4));

  constructor(readonly size: number) {
    this.pool = new Piscina({
      workerData: { loaded: this.loaded },
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: size,
      maxThreads: size,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
  }

  run<N extends keyof Tasks>(name: N, task: Tasks[N]['task']): Promise<Tasks[N]['result']> {
    return this.pool.run(task, { name });
  }

  /** Numbers of the workers. */
  get numbers(): number[] {
    return Array.from({ length: this.size }, (_, worker) => worker);
  }

  async close(): Promise<void> {
    // Node 20 aborts the process if a worker is terminated while it loads an ES module by require, as piscina does.
    const patience = new Patience(LOAD_MS);
    for (let seen = 0; seen < this.size && !patience.isOver; seen = Atomics.load(this.loaded, 0)) {
      const wait = Atomics.waitAsync(this.loaded, 0, seen, LOAD_STEP_MS);
      if (wait.async) await wait.value;
    }
    await this.pool.destroy();
  }
}
