/** Delivery by handler: the fault servers of a heap, long-running tasks in a pool of their own (see handler.ts). */
import { readFileSync } from 'node:fs';
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { Control, type Heap, Patience } from '../../heap/index.js';
import { endProcess } from '../lost-heap.js';
import { WorkerPool } from '../workers/pool.js';
import { recoverHere } from '../workers/recover.js';
import type { Delivery, DeliveryKind, DeliveryOptions, Served } from './delivery.js';
import { StrayAccess } from './handler.js';

/** Words in which servers say who they are; see Control.SERVERS. */
const MOST_SERVERS = 4;
/** How long a failed cycle waits for the error of the server that caused it. */
const SETTLE_MS = 2000;
const SETTLE_STEP_MS = 50;
/** How long a pause waits for servers that are in the middle of a message. */
const IDLE_MS = 0.5;
/** Servers that are replaced in one cycle before the heap is given up. */
const MOST_LOST = 8;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export class FaultServers implements Delivery {
  readonly service: RecordableHistogram = createHistogram();
  private readonly pool: WorkerPool;
  private serving: Promise<unknown>[] = [];
  private lost: string[] = [];
  private losses = 0;
  /** By thread, of those that were lost too: the sum never goes down. */
  private readonly cpuNs = new Map<number, number>();
  /** COMPACTING is 0 already, and the compaction waits for servers that are in the middle of a message. */
  private ending = false;
  private onFailure: (error: Error) => void = () => {};

  constructor(
    private readonly heap: Heap,
    private readonly options: DeliveryOptions,
  ) {
    const { servers } = options;
    const { descriptors } = heap.space.watch!;
    if (servers < 1 || servers > MOST_SERVERS) {
      throw new RangeError(`${servers} fault servers: 1 to ${MOST_SERVERS} are possible`);
    }
    if (servers < descriptors.length) {
      throw new RangeError(
        `${servers} fault servers for ${descriptors.length} userfaultfds: each needs one of its own`,
      );
    }
    this.pool = new WorkerPool(servers);
  }

  async start(onFailure: (error: Error) => void): Promise<void> {
    this.onFailure = onFailure;
    Atomics.store(this.heap.control, Control.STOP, 0);
    for (let server = 0; server < this.options.servers; server++) this.serving.push(this.serve(server));
  }

  /** Runs a server until it is told to stop; one that is lost is replaced by another. */
  private async serve(server: number): Promise<void> {
    const { heap, service } = this;
    const { resolution, firstSlot, firstOwner, sabotage } = this.options;
    for (;;) {
      try {
        const slot = firstSlot + server;
        await this.pool.run('serve', {
          ...{ heap: heap.handle, resolution, server, slot, owner: firstOwner + server, service, sabotage },
        });
        return;
      } catch (thrown) {
        const error = revive(thrown as Error);
        this.finish(server); // before the heap is given up as well: what it had claimed is waited for
        if (Atomics.load(heap.control, Control.STOP) !== 0 && !(error instanceof StrayAccess)) return; // closed under it
        if (error instanceof StrayAccess || ++this.losses > MOST_LOST) {
          this.onFailure(error);
          return;
        }
        this.lost.push(`fault server ${server} was lost (${error.message}), another has taken its place`);
        for (const view of heap.space.views) heap.space.watch!.wakeAll(view);
      }
    }
  }

  /** Finishes what a server that has ended had begun; only then is it out of its message. */
  private finish(server: number): void {
    const { heap, options } = this;
    const { resolution, firstOwner, firstSlot, sabotage } = options;
    if (this.ending || Atomics.load(heap.control, Control.COMPACTING) !== 0) {
      try {
        recoverHere(heap, resolution, firstOwner + server, firstSlot + server, sabotage);
      } catch (error) {
        endProcess(heap, error); // nobody is left who could
      }
    }
    Atomics.store(heap.control, Control.SERVING + server, 0);
  }

  async quiesce(): Promise<void> {
    this.ending = true;
    await this.idle();
    this.ending = false;
  }

  isIdle(): boolean {
    const { control } = this.heap;
    const until = performance.now() + IDLE_MS;
    for (let server = 0; server < this.options.servers; server++) {
      while (Atomics.load(control, Control.SERVING + server) !== 0) {
        if (performance.now() > until) return false;
        Atomics.wait(sleeper, 0, 0, 0.02);
      }
    }
    return true;
  }

  private async idle(): Promise<void> {
    const { control } = this.heap;
    for (let server = 0; server < this.options.servers; server++) {
      for (let looks = 1; Atomics.load(control, Control.SERVING + server) !== 0; looks++) {
        Atomics.wait(sleeper, 0, 0, 0.1);
        // A server that was lost in the middle is replaced by this very thread, which has to be given a chance to.
        if (looks % 16 === 0) await new Promise((next) => setImmediate(next));
      }
    }
  }

  served(): Served {
    const { control } = this.heap;
    return {
      built: Atomics.load(control, Control.FAULT_BUILT),
      updated: Atomics.load(control, Control.FAULT_UPDATED),
      mapped: Atomics.load(control, Control.FAULT_KEPT),
      published: Atomics.load(control, Control.FAULT_PUBLISHED),
    };
  }

  async settled(): Promise<void> {
    if (Atomics.load(this.heap.control, Control.FATAL) === 0) return;
    const patience = new Patience(SETTLE_MS);
    const ended = Promise.race(this.serving).then(() => true);
    while (!patience.isOver) {
      if (await Promise.race([ended, new Promise((soon) => setTimeout(soon, SETTLE_STEP_MS).unref())])) return;
    }
  }

  /** CPU that the servers have taken so far, ms; from /proc/self/task/…/schedstat, whose first number is ns. */
  cpuMs(): number {
    for (let server = 0; server < this.options.servers; server++) {
      const thread = Atomics.load(this.heap.control, Control.SERVERS + server);
      if (thread === 0) continue;
      try {
        const ns = Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
        this.cpuNs.set(thread, ns);
      } catch {
        // it has ended: what it had taken when it was last seen has been taken all the same
      }
    }
    return [...this.cpuNs.values()].reduce((sum, ns) => sum + ns, 0) / 1e6;
  }

  incidents(): string[] {
    this.losses = 0;
    return this.lost.splice(0);
  }

  async stop(): Promise<void> {
    Atomics.store(this.heap.control, Control.STOP, 1);
    if (Atomics.load(this.heap.control, Control.FATAL) === 0) {
      for (const userfaultfd of this.heap.space.watch!.descriptors) userfaultfd.interrupt();
    }
    await Promise.all(this.serving);
    this.serving = [];
    await this.pool.close();
  }
}

export const handlerDelivery: DeliveryKind = {
  name: 'handler',
  summary: 'a fault server reads the userfaultfd and forwards the page',
  servers: (wanted) => wanted,
  create: (heap, options) => new FaultServers(heap, options),
};

/** An error that is posted to another thread keeps its message and its stack, and loses its class. */
function revive(error: Error): Error {
  return error.stack?.startsWith('StrayAccess') ? new StrayAccess(error.message, { cause: error }) : error;
}
