/** The fault servers of a heap: long-running tasks in a pool of their own. */
import { readFileSync } from 'node:fs';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Control, type Heap } from '../../heap/index.js';
import { WorkerPool } from '../workers/pool.js';
import { StrayAccess } from './handler.js';

/** Words in which servers say who they are; see Control.SERVERS. */
const MOST_SERVERS = 4;
/** How long a failed cycle waits for the error of the server that caused it. */
const SETTLE_MS = 2000;

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
    if (count < 1 || count > MOST_SERVERS)
      throw new RangeError(`${count} fault servers: 1 to ${MOST_SERVERS} are possible`);
    this.pool = new WorkerPool(count);
  }

  /** `onFailure` hears of a server that died: a stray access, or a kernel that refused. */
  async start(onFailure: (error: Error) => void): Promise<void> {
    Atomics.store(this.heap.control, Control.STOP, 0);
    for (let server = 0; server < this.count; server++) {
      const { heap, resolution, service } = this;
      const task = { heap: heap.handle, resolution, server, slot: this.firstSlot + server, service };
      this.serving.push(this.pool.run('serve', task).catch((error: Error) => onFailure(revive(error))));
    }
  }

  /** Resolves once a server has ended, or soon if none does. */
  async settled(): Promise<void> {
    if (Atomics.load(this.heap.control, Control.FATAL) === 0) return;
    await Promise.race([...this.serving, new Promise((soon) => setTimeout(soon, SETTLE_MS).unref())]);
  }

  /** CPU that the servers have taken so far, ms; from /proc/self/task/…/schedstat, whose first number is ns. */
  cpuMs(): number {
    let ns = 0;
    for (let server = 0; server < this.count; server++) {
      const thread = Atomics.load(this.heap.control, Control.SERVERS + server);
      if (thread === 0) continue;
      try {
        ns += Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
      } catch {
        // it has ended; what it took no longer shows
      }
    }
    return ns / 1e6;
  }

  async stop(): Promise<void> {
    Atomics.store(this.heap.control, Control.STOP, 1);
    if (Atomics.load(this.heap.control, Control.FATAL) === 0) {
      for (const userfaultfd of this.heap.space.watch.descriptors) userfaultfd.interrupt();
    }
    await Promise.all(this.serving);
    this.serving = [];
    await this.pool.close();
  }
}

/** An error that is posted to another thread keeps its message and its stack, and loses its class. */
function revive(error: Error): Error {
  return error.stack?.startsWith('StrayAccess') ? new StrayAccess(error.message, { cause: error }) : error;
}
