/**
 * How a mutator is stopped, by anybody, without signals.
 *
 *     mutator    RUNNING ──poll seen, or enters a safe region──▶ STOPPED ──no poll pending──▶ RUNNING
 *     collector  STOPPED ──▶ SEIZED: reads and writes the mutator's words ──▶ STOPPED
 *
 * Every change is a compare-and-swap from the state on the left, so exactly one side holds the words. The race that
 * matters is between a mutator that leaves and a collector that stops it: the mutator writes RUNNING and then reads
 * POLL, the collector writes POLL and then reads STATE; both sequentially consistent, so at least one sees the other
 * (Dekker). A handshake stops one mutator at a time; a pause holds them all: safepoints.ts.
 *
 * STATE is the only word that says how a mutator stands; it has no flag of its own that could say otherwise, and the
 * words that it publishes are written before. A thread that ends anywhere, its state whatever it is, is found and
 * detached by others: dead-mutator.ts.
 */
import { checkAlive } from './alive.js';
import { Control, MutatorState, Own, ownBase } from './control.js';

/** Iterations of a busy wait before a thread sleeps: about 20 µs, less than two context switches cost. */
export const SPINS = 2000;

/** The mutator's side: stop, go on, leave. */
export class Safepoint {
  private readonly base: number;

  constructor(
    private readonly control: Int32Array,
    index: number,
  ) {
    this.base = ownBase(index);
  }

  /** Whether the collector wants this mutator to stop. One plain load in compiled code. */
  get requested(): boolean {
    return Atomics.load(this.control, this.base + Own.POLL) !== 0;
  }

  /** Whether it runs. Whoever it is, the thread itself or its heir, changes that. */
  get runs(): boolean {
    return Atomics.load(this.control, this.base + Own.STATE) === MutatorState.RUNNING;
  }

  /** From here on the collector may act for this mutator, which must not touch the heap. Its words are published. */
  stop(): void {
    Atomics.store(this.control, this.base + Own.STATE, MutatorState.STOPPED);
    if (this.requested) {
      Atomics.add(this.control, Control.ARRIVALS, 1);
      Atomics.notify(this.control, Control.ARRIVALS);
    }
  }

  /** Leaves for good. A collector that waits for this mutator goes on without it. */
  leave(): void {
    Atomics.store(this.control, this.base + Own.STATE, MutatorState.ABSENT);
    Atomics.add(this.control, Control.ARRIVALS, 1);
    Atomics.notify(this.control, Control.ARRIVALS);
  }

  /** Resolves once nobody wants it stopped: for a thread whose event loop the collector may need meanwhile. */
  async whenFree(): Promise<void> {
    if (!this.requested) return;
    const poll = this.base + Own.POLL;
    const alive = setInterval(() => {}, 1000); // Atomics.waitAsync alone does not keep a thread from ending
    try {
      for (;;) {
        const asked = Atomics.load(this.control, poll);
        if (asked === 0) return;
        checkAlive(this.control);
        const wait = Atomics.waitAsync(this.control, poll, asked, 100);
        if (wait.async) await wait.value;
      }
    } finally {
      clearInterval(alive);
    }
  }

  /** Waits until nobody wants it stopped, and runs. Its words may have changed: reload them. */
  go(): void {
    const { control, base } = this;
    for (;;) {
      for (let i = 0; i < SPINS && Atomics.load(control, base + Own.POLL) !== 0; i++);
      for (;;) {
        const asked = Atomics.load(control, base + Own.POLL);
        if (asked === 0) break;
        checkAlive(control);
        Atomics.wait(control, base + Own.POLL, asked, 1000);
      }
      const was = Atomics.compareExchange(control, base + Own.STATE, MutatorState.STOPPED, MutatorState.RUNNING);
      if (was !== MutatorState.STOPPED) continue; // seized in between: POLL says when to try again
      if (!this.requested) return;
      this.stop();
    }
  }
}
