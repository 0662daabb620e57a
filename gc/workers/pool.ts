/**
 * The collector's threads: a pool for the phases and a pool for fault servers, which run for as long as the heap
 * does and would otherwise occupy the phases' workers.
 */
import { Piscina } from 'piscina';
import type { Tasks } from './tasks.js';

export class WorkerPool {
  private readonly pool: Piscina;

  constructor(readonly size: number) {
    this.pool = new Piscina({
      filename: new URL('./worker.js', import.meta.url).href,
      minThreads: size,
      maxThreads: size,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
  }

  run<N extends keyof Tasks>(name: N, task: Tasks[N]['task']): Promise<Tasks[N]['result']> {
    return this.pool.run(task, { name });
  }

  /** The same task on every worker at once; `task` gets the worker's number. */
  runAll<N extends keyof Tasks>(name: N, task: (worker: number) => Tasks[N]['task']): Promise<Tasks[N]['result'][]> {
    return Promise.all(Array.from({ length: this.size }, (_, worker) => this.run(name, task(worker))));
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}
