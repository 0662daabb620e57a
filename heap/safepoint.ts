/**
 * How a mutator is stopped, by anybody, without signals.
 *
 *     mutator    RUNNING ──poll seen, or enters a safe region──▶ STOPPED ──no poll pending──▶ RUNNING
 *     collector  STOPPED ──▶ SEIZED: reads and writes the mutator's words ──▶ STOPPED
 *
 * Every change is a compare-and-swap from the state on the left, so exactly one side holds the words. The race that
 * matters is between a mutator that leaves and a collector that stops it: the mutator writes RUNNING and then reads
 * POLL, the collector writes POLL and then reads STATE; both sequentially consistent, so at least one sees the other
 * (Dekker). A handshake stops one mutator at a time; a pause holds them all.
 */
import { checkAlive } from './alive.js';
import { Control, MutatorState, Own, ownBase } from './control.js';
import { HeapError } from './errors.js';

/** Iterations of a busy wait before a thread sleeps: about 20 µs, less than two context switches cost. */
const SPINS = 2000;

/** How long the collector waits for a mutator before it says that it never reached a safepoint. */
const PATIENCE_MS = 60_000;

/** The mutator's side: publish, stop, go on. */
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
    const poll = this.base + Own.POLL;
    while (Atomics.load(this.control, poll) !== 0) {
      checkAlive(this.control);
      const wait = Atomics.waitAsync(this.control, poll, 1, 100);
      if (wait.async) await wait.value;
    }
  }

  /** Waits until nobody wants it stopped, and runs. Its words may have changed: reload them. */
  go(): void {
    const { control, base } = this;
    for (;;) {
      for (let i = 0; i < SPINS && Atomics.load(control, base + Own.POLL) !== 0; i++);
      while (Atomics.load(control, base + Own.POLL) !== 0) {
        checkAlive(control);
        Atomics.wait(control, base + Own.POLL, 1, 1000);
      }
      const was = Atomics.compareExchange(control, base + Own.STATE, MutatorState.STOPPED, MutatorState.RUNNING);
      if (was !== MutatorState.STOPPED) continue; // seized in between: POLL says when to try again
      if (!this.requested) return;
      this.stop();
    }
  }
}

/** The collector's side: one mutator, or the world. */
export class Safepoints {
  /** Mutators that stand still for the whole of a cycle. */
  private held: readonly number[] | null = null;

  constructor(
    private readonly control: Int32Array,
    private readonly mutators: number,
  ) {}

  /** Stops each attached mutator in turn, runs `act` on its words, and lets it go. No pause: the others run on. */
  handshake(act: (mutator: number) => void): void {
    if (this.held !== null) {
      for (const mutator of this.held) act(mutator);
      return;
    }
    for (let i = 0; i < this.mutators; i++) {
      this.request(i);
      try {
        if (this.seize(i)) act(i);
      } finally {
        this.release(i); // also where nobody was attached: somebody may be about to, and would wait for us
      }
    }
  }

  /** Stops every mutator, runs `act`, and lets them go. Returns how long they were asked to stand, in µs. */
  pause(act: (mutators: readonly number[]) => void): number {
    const began = performance.now();
    if (this.held !== null) {
      act(this.held);
      return (performance.now() - began) * 1000;
    }
    try {
      act(this.seizeAll());
    } finally {
      this.releaseAll();
    }
    return (performance.now() - began) * 1000;
  }

  /** Stops every mutator until letGo(). Pauses and handshakes in between find them standing. */
  hold(): void {
    try {
      this.held = this.seizeAll();
    } catch (error) {
      this.letGo();
      throw error;
    }
  }

  letGo(): void {
    this.held = null;
    this.releaseAll();
  }

  private seizeAll(): number[] {
    for (let i = 0; i < this.mutators; i++) this.request(i);
    const seized: number[] = [];
    for (let i = 0; i < this.mutators; i++) if (this.seize(i)) seized.push(i);
    return seized;
  }

  private releaseAll(): void {
    for (let i = 0; i < this.mutators; i++) this.release(i);
  }

  private request(mutator: number): void {
    Atomics.store(this.control, ownBase(mutator) + Own.POLL, 1);
  }

  /** True once the mutator's words are ours; false if there is no such mutator. */
  private seize(mutator: number): boolean {
    const { control } = this;
    const state = ownBase(mutator) + Own.STATE;
    const began = performance.now();
    for (let spins = 0; ; spins++) {
      const arrivals = Atomics.load(control, Control.ARRIVALS);
      const was = Atomics.compareExchange(control, state, MutatorState.STOPPED, MutatorState.SEIZED);
      if (was === MutatorState.STOPPED) return true;
      if (was === MutatorState.ABSENT) return false;
      if (spins < SPINS) continue;
      checkAlive(control);
      Atomics.wait(control, Control.ARRIVALS, arrivals, 100);
      if (performance.now() - began > PATIENCE_MS) {
        throw new HeapError(
          'safepoint',
          `mutator ${mutator} has not reached a safepoint for ${PATIENCE_MS / 1000} s; ` +
            'a loop without allocation must call safepoint(), and a thread that waits must wait in parked()',
        );
      }
    }
  }

  private release(mutator: number): void {
    const { control } = this;
    const base = ownBase(mutator);
    Atomics.compareExchange(control, base + Own.STATE, MutatorState.SEIZED, MutatorState.STOPPED);
    Atomics.store(control, base + Own.POLL, 0);
    Atomics.notify(control, base + Own.POLL);
  }
}
