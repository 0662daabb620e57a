/**
 * Delivery by signal: the thread that faults resolves its page itself, in its SIGBUS or SIGSEGV handler
 * (native/src/pages). No thread is woken, and there is nothing to start; what handlers did is read from their counts.
 */
import { createHistogram } from 'node:perf_hooks';
import { Control, FaultCount, FlipWord, type Heap, Own, ownBase, Patience, serviceNs } from '../../heap/index.js';
import type { Delivery, DeliveryKind, Served } from './delivery.js';

const PATIENCE_MS = 60_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

class SignalDelivery implements Delivery {
  readonly service = createHistogram();
  private done: Served = { built: 0, updated: 0, mapped: 0, published: 0 };

  constructor(private readonly heap: Heap) {}

  async start(): Promise<void> {}

  async quiesce(): Promise<void> {
    const { meta, layout } = this.heap;
    // A handler says that it is inside and then looks at COMPACTING; we have cleared that and look at INSIDE now.
    Atomics.store(meta.flip, FlipWord.COMPACTING, 0);
    const patience = new Patience(PATIENCE_MS);
    for (let mutator = 0; mutator <= layout.mutators; mutator++) {
      const counts = meta.faultCounts(mutator);
      while (Atomics.load(counts, FaultCount.INSIDE) !== 0) {
        // On a heap that was given up as well: who is inside has a page in its hands.
        if (patience.isOver) throw new Error(`mutator ${mutator} does not leave its handler`);
        Atomics.wait(sleeper, 0, 0, 0.1);
        await new Promise((next) => setImmediate(next));
      }
      this.take(counts, mutator);
    }
  }

  /** Who is in its handler is not at a safepoint. */
  isIdle(): boolean {
    return true;
  }

  served(): Served {
    return this.done;
  }

  /** Brings the counts over. A handler that counts meanwhile (a page that the kernel had dropped) is seen next time. */
  private take(counts: Int32Array, mutator: number): void {
    const taken = (word: number) => Atomics.exchange(counts, word, 0);
    const { control, layout } = this.heap;
    const faults = taken(FaultCount.TAKEN);
    Atomics.add(control, Control.FAULTS_SIGNAL, faults);
    if (mutator < layout.mutators) Atomics.add(control, ownBase(mutator) + Own.FAULTS, faults);
    const { built, updated, mapped, published } = this.done;
    this.done = {
      built: built + taken(FaultCount.BUILT),
      updated: updated + taken(FaultCount.UPDATED),
      mapped: mapped + taken(FaultCount.KEPT),
      published: published + taken(FaultCount.PUBLISHED),
    };
    for (let word = FaultCount.SERVICE; word < counts.length; word++) {
      if (Atomics.load(counts, word) === 0) continue;
      const ns = serviceNs(word - FaultCount.SERVICE);
      for (let count = taken(word); count > 0; count--) this.service.record(ns);
    }
  }

  async settled(): Promise<void> {}

  cpuMs(): number {
    return 0;
  }

  incidents(): string[] {
    return [];
  }

  async stop(): Promise<void> {}
}

export const signalDelivery: DeliveryKind = {
  name: 'signal',
  summary: 'the thread that faults forwards the page itself, in its signal handler',
  servers: () => 0,
  create: (heap) => new SignalDelivery(heap),
};
