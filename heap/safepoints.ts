/**
 * The collector's side of safepoint.ts: one mutator at a time, or the world.
 *
 * Nothing here keeps the collector's thread for longer than a pause should last: what has not come after a millisecond
 * is waited for with turns of the event loop in between, so that this thread can replace a fault server that was lost,
 * for which the mutator it waits for may be waiting. A mutator whose thread has ended is detached on the way.
 */
import { checkAlive } from './alive.js';
import { Control, MutatorState, Own, ownBase } from './control.js';
import { detachDead, inherit } from './dead-mutator.js';
import { HeapError } from './errors.js';
import type { Heap } from './heap.js';
import { Patience } from './patience.js';
import { lower, raise } from './raised-here.js';
import { SPINS } from './safepoint.js';

/** How long the collector waits for a mutator before it says that it never reached a safepoint. */
const PATIENCE_MS = 60_000;
/** How long this thread waits before it sees to its messages, ms. */
const STEP_MS = 1;

export class Safepoints {
  /** Mutators that stand still for the whole of a cycle. */
  private held: readonly number[] | null = null;
  /** 1: this one has seized the mutator. */
  private readonly seized: Uint8Array;

  constructor(private readonly heap: Heap) {
    this.seized = new Uint8Array(heap.layout.mutators);
  }

  /** Stops each attached mutator in turn, runs `act` on its words, and lets it go. No pause: the others run on. */
  async handshake(act: (mutator: number) => void): Promise<void> {
    if (this.held !== null) {
      for (const mutator of this.held) act(mutator);
      return;
    }
    for (let i = 0; i < this.seized.length; i++) {
      this.request(i);
      try {
        if (this.trySeize(i) ?? (await this.seize(i))) act(i);
      } finally {
        this.release(i); // also where nobody was attached: somebody may be about to, and would wait for us
      }
    }
  }

  /** Stops every mutator, runs `act`, and lets them go. Resolves with how long they were asked to stand, in µs. */
  async pause(act: (mutators: readonly number[]) => void): Promise<number> {
    const began = performance.now();
    if (this.held !== null) {
      act(this.held);
      return (performance.now() - began) * 1000;
    }
    this.requestAll();
    try {
      if (!this.tryAll()) await this.seizeLate(); // no turn of anything else where all are there
      act(this.allSeized);
    } finally {
      this.releaseAll();
    }
    return (performance.now() - began) * 1000;
  }

  /** Stops every mutator until letGo(). Pauses and handshakes in between find them standing. */
  async hold(): Promise<void> {
    this.requestAll();
    try {
      if (!this.tryAll()) await this.seizeLate();
      this.held = this.allSeized;
    } catch (error) {
      this.releaseAll();
      throw error;
    }
  }

  letGo(): void {
    if (this.held === null) return;
    this.held = null;
    this.releaseAll();
  }

  /** Detaches every mutator whose thread has ended, wherever it stands. */
  detachDead(): void {
    for (let i = 0; i < this.seized.length; i++) if (inherit(this.heap, i)) detachDead(this.heap, i);
  }

  /** Whether all have come, or are not there. */
  private tryAll(): boolean {
    let all = true;
    for (let i = 0; i < this.seized.length; i++) {
      if (this.seized[i] === 0 && this.trySeize(i) === null) all = false;
    }
    return all;
  }

  /** Those that come late. */
  private async seizeLate(): Promise<void> {
    for (let i = 0; i < this.seized.length; i++) if (this.seized[i] === 0) await this.seize(i);
  }

  private get allSeized(): readonly number[] {
    return Array.from(this.seized.keys()).filter((i) => this.seized[i] === 1);
  }

  private requestAll(): void {
    for (let i = 0; i < this.seized.length; i++) this.request(i);
  }

  private releaseAll(): void {
    for (let i = 0; i < this.seized.length; i++) this.release(i);
  }

  /** A count: who looks at the heap with every mutator stopped may come in between two of the collector's pauses. */
  private request(mutator: number): void {
    raise(this.heap.control, mutator);
    Atomics.add(this.heap.control, ownBase(mutator) + Own.POLL, 1);
  }

  /** True once the mutator's words are ours; false if there is no such mutator; null if it did not come at once. */
  private trySeize(mutator: number): boolean | null {
    const { control } = this.heap;
    const state = ownBase(mutator) + Own.STATE;
    for (let spins = 0; spins < SPINS; spins++) {
      const was = Atomics.compareExchange(control, state, MutatorState.STOPPED, MutatorState.SEIZED);
      if (was === MutatorState.ABSENT) return false;
      if (was !== MutatorState.STOPPED) continue;
      this.seized[mutator] = 1;
      return true;
    }
    return null;
  }

  private async seize(mutator: number): Promise<boolean> {
    const { heap } = this;
    const { control } = heap;
    const patience = new Patience(PATIENCE_MS);
    for (;;) {
      const arrivals = Atomics.load(control, Control.ARRIVALS);
      if (inherit(heap, mutator)) detachDead(heap, mutator);
      const seized = this.trySeize(mutator);
      if (seized !== null) return seized;
      checkAlive(control);
      // Woken by who arrives. A thread that has died arrives nowhere, and Atomics.waitAsync would not keep us alive.
      if (Atomics.wait(control, Control.ARRIVALS, arrivals, STEP_MS) === 'timed-out') {
        await new Promise((next) => setImmediate(next));
      }
      if (patience.isOver) {
        throw new HeapError(
          'safepoint',
          `mutator ${mutator} has not reached a safepoint for ${PATIENCE_MS / 1000} s; ` +
            'a loop without allocation must call safepoint(), and a thread that waits must wait in parked()',
        );
      }
    }
  }

  private release(mutator: number): void {
    const { control } = this.heap;
    const base = ownBase(mutator);
    if (this.seized[mutator] === 1) {
      this.seized[mutator] = 0;
      // Unless its thread died meanwhile, and somebody else has detached it.
      Atomics.compareExchange(control, base + Own.STATE, MutatorState.SEIZED, MutatorState.STOPPED);
    }
    Atomics.sub(control, base + Own.POLL, 1);
    Atomics.notify(control, base + Own.POLL);
    lower(control, mutator);
  }
}
