/**
 * A thread's standing with the collector: how it joins and leaves, stops and goes on, and waits. What it does with the
 * heap is mutator.ts.
 */
import { threadId } from '../native/index.js';
import type { ViewWords } from './address.js';
import { PagesAhead } from './ahead.js';
import { checkAlive, checkCollector } from './alive.js';
import { atExit } from './at-exit.js';
import { BarrierLog } from './barrier.js';
import { Barrier, Control, MutatorState, Own, ownBase } from './control.js';
import { depart } from './departed.js';
import { HeapError } from './errors.js';
import type { Heap } from './heap.js';
import { Safepoint } from './safepoint.js';
import { Tlab } from './tlab.js';
import { TraceKind } from './trace-records.js';

export abstract class AttachedThread {
  /** The view it uses now; changes at a flip by `bank`. */
  protected words: ViewWords;
  protected top = 0;
  protected limit = 0;
  protected barrier: number = Barrier.OFF;
  protected depth = 0;
  protected bank = 0;
  protected generation = 0;
  /** Its words are published, and those it has itself may be old. */
  private suspended = false;
  /** Takes back that it is to leave when its thread ends. */
  private stay: () => void = () => {};
  protected readonly stack: Int32Array;
  protected readonly globals: Int32Array;
  protected readonly control: Int32Array;
  /**
   * Index of the word POLL. Read plainly on the fast paths: 1 ns instead of 6 for Atomics.load, which V8 does not inline
   * here. It reads typed arrays afresh each time, and a request seen an iteration late is seen at the next.
   */
  protected poll: number;
  protected readonly tlab: Tlab;
  protected readonly log: BarrierLog;
  protected readonly ahead: PagesAhead;
  protected readonly point: Safepoint;

  protected constructor(
    readonly heap: Heap,
    /** Which of the heap's mutators this is. */
    readonly index: number,
  ) {
    this.control = heap.control;
    this.poll = ownBase(index) + Own.POLL;
    this.stack = heap.meta.stack(index);
    this.globals = heap.meta.globals;
    this.tlab = new Tlab(heap, index);
    this.log = new BarrierLog(heap.meta.log(index), heap.kernels);
    this.ahead = new PagesAhead(heap, this.log);
    this.point = new Safepoint(heap.control, index);
    // Both views are seen once, so that V8 does not take the first for a constant.
    this.words = heap.view(heap.space.views.length - 1);
    this.words = heap.view(0);
  }

  /** Takes a free place, beside a collection that may be under way. Throws HeapError 'too-many-mutators'. */
  protected static join<T extends AttachedThread>(heap: Heap, make: (index: number) => T): T {
    const { control, layout } = heap;
    checkAlive(control);
    for (let index = 0; index < layout.mutators; index++) {
      const base = ownBase(index);
      const state = base + Own.STATE;
      if (
        Atomics.compareExchange(control, state, MutatorState.ABSENT, MutatorState.ATTACHING) !== MutatorState.ABSENT
      ) {
        continue;
      }
      let mutator: T;
      try {
        control.fill(0, base + Own.REGION, base + Own.WORDS);
        control[base + Own.REGION] = -1;
        control[base + Own.THREAD] = threadId();
        heap.signals?.adopt(index);
        mutator = make(index);
      } catch (error) {
        new Safepoint(control, index).leave(); // whoever stops the world would wait for it to attach
        throw error;
      }
      mutator.point.stop();
      mutator.point.go();
      mutator.adoptMode();
      mutator.reload();
      mutator.stay = atExit(mutator.onExit);
      return mutator;
    }
    throw new HeapError('too-many-mutators', `all ${layout.mutators} mutators of this heap are attached`);
  }

  /**
   * Leaves the heap. Its roots are gone; the objects stay as long as somebody else reaches them. After that every method
   * throws HeapError 'detached'.
   */
  detach(): void {
    this.stay();
    try {
      this.yield();
      this.tlab.top = this.top;
      this.tlab.close();
      if (this.barrier === Barrier.AHEAD) this.ahead.leave(this.log);
      else if (this.barrier !== Barrier.OFF) this.log.flush();
    } finally {
      this.control[ownBase(this.index) + Own.REGION] = -1; // the words of a place without a mutator are no TLAB
      depart(this);
      this.point.leave();
    }
  }

  /** A thread that ends without detach(), by an uncaught error say, must not keep the collector waiting for it. */
  private readonly onExit = (): void => {
    try {
      this.detach();
    } catch {
      // the heap is gone already, and with it everything that could be told
    }
  };

  /** Lets the collector in, if it wants in. Long loops without allocation call it. */
  safepoint(): void {
    if (this.control[this.poll] !== 0) this.yield();
  }

  /** Runs `wait`, which must not touch the heap, with the collector free to work. References in locals are void after. */
  parked<T>(wait: () => T): T {
    this.suspend();
    let result: T;
    try {
      result = wait();
    } catch (error) {
      this.resumeAfter(error);
    }
    if (result instanceof Promise) {
      return result.then(
        async (value) => {
          await this.point.whenFree();
          this.resume();
          return value;
        },
        async (error) => {
          await this.point.whenFree().catch(() => undefined);
          this.resumeAfter(error);
        },
      ) as T;
    }
    this.resume();
    return result;
  }

  /** Asks for a collection that begins after this call; does not wait for it. */
  requestCollection(): void {
    Atomics.add(this.control, Control.ASKED, 1);
    this.notifyCollector();
  }

  private notifyCollector(): void {
    Atomics.add(this.control, Control.REQUESTS, 1);
    Atomics.notify(this.control, Control.REQUESTS);
  }

  /** Asks for a collection and waits, parked, until one that began after the call has ended. */
  collect(): void {
    const { control } = this;
    const wanted = Atomics.load(control, Control.CYCLE) + 1;
    this.requestCollection();
    for (;;) {
      const done = Atomics.load(control, Control.COLLECTIONS);
      checkAlive(control); // a heap that fails wakes who waits here by a collection that never was
      if (done >= wanted) return;
      checkCollector(control);
      this.parked(() => Atomics.wait(control, Control.COLLECTIONS, done, 100));
    }
  }

  /** Goes on, and throws what went wrong meanwhile, which says more than what a dead heap would say now. */
  private resumeAfter(error: unknown): never {
    try {
      this.resume();
    } catch {}
    throw error;
  }

  protected yield(): void {
    const { trace } = this.heap;
    const from = trace?.now() ?? 0;
    this.suspend();
    this.resume();
    trace?.record(this.index, TraceKind.STOOD, from, 0);
  }

  protected suspend(): void {
    if (this.suspended) return; // a thread that ends while it is parked: the collector may be at its words
    this.suspended = true;
    this.tlab.top = this.top;
    this.tlab.publish();
    const base = ownBase(this.index);
    this.control[base + Own.DEPTH] = this.depth;
    this.control[base + Own.LOGGED] = this.log.count;
    this.point.stop();
  }

  protected resume(): void {
    this.point.go();
    this.suspended = false;
    checkAlive(this.control);
    this.reload();
  }

  /**
   * The barrier mode that a new mutator starts in. Read while RUNNING: whoever changes the mode afterwards has to stop
   * this mutator first, and tells it.
   */
  protected adoptMode(): void {
    const { control } = this;
    const base = ownBase(this.index);
    let cycle: number;
    do {
      cycle = Atomics.load(control, Control.CYCLE);
      control[base + Own.BARRIER] = Atomics.load(control, Control.BARRIER);
    } while (cycle !== Atomics.load(control, Control.CYCLE));
    control[base + Own.BORN] = control[base + Own.BARRIER] === Barrier.BOTH ? cycle - 1 : cycle;
  }

  protected reload(): void {
    const { control } = this;
    const base = ownBase(this.index);
    this.tlab.reload();
    this.top = this.tlab.top;
    this.limit = this.tlab.limit;
    this.barrier = control[base + Own.BARRIER];
    this.log.count = control[base + Own.LOGGED];
    this.generation = Atomics.load(control, Control.GENERATION);
    this.bank = this.heap.bank;
    this.words = this.heap.view(this.bank);
  }

  /** A cycle under way will do; another is asked for only when there is none. */
  protected requestIfIdle(): void {
    const { control } = this;
    if (Atomics.load(control, Control.CYCLE) === Atomics.load(control, Control.COLLECTIONS)) this.notifyCollector();
  }
}
