/** The fault servers of a heap: long-running tasks in a pool of their own. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Control, type Heap } from '../../heap/index.js';
import { WorkerPool } from '../workers/pool.js';

export class FaultServers {
  /** Nanoseconds from reading a message to publishing its page. Shared by all servers. */
  readonly service: RecordableHistogram = createHistogram();
  private readonly pool: WorkerPool;
  private serving: Promise<unknown>[] = [];

  constructor(
    private readonly heap: Heap,
    private readonly resolution: string,
    private readonly count: number,
    private readonly firstSlot: number,
  ) {
    this.pool = new WorkerPool(count);
  }

  /** `onFailure` hears of a server that died: a stray access, or a kernel that refused. */
  async start(onFailure: (error: Error) => void): Promise<void> {
    Atomics.store(this.heap.control, Control.STOP, 0);
    for (let i = 0; i < this.count; i++) {
      const task = {
        heap: this.heap.handle,
        resolution: this.resolution,
        slot: this.firstSlot + i,
        service: this.service,
      };
      this.serving.push(this.pool.run('serve', task).catch(onFailure));
    }
  }

  async stop(): Promise<void> {
    Atomics.store(this.heap.control, Control.STOP, 1);
    this.heap.space.userfaultfd.interrupt();
    await Promise.all(this.serving);
    this.serving = [];
    await this.pool.close();
  }
}
