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
import { detachDead, takeOver } from './dead-mutator.js';
import { depart } from './departed.js';
import { HeapError } from './errors.js';
import { FlipWord } from './fault-words.js';
import type { Heap } from './heap.js';
import { dropAllPins } from './pins.js';
import { checkNotRaisedHere, raisedHere } from './raised-here.js';
import { Safepoint, SPINS } from './safepoint.js';
import { ANYTHING, BUILT_IN, reserveStack } from './stack-reserve.js';
import { Tlab } from './tlab.js';
import { TraceKind } from './trace-records.js';

/** Index of a word that is never 0. */
const NEVER_0 = Control.GENERATION;

export abstract class AttachedThread {
  /** The view it uses now; changes at a flip by `bank`. */
  protected words: ViewWords;
  private readonly views: readonly ViewWords[];
  protected top = 0;
  protected limit = 0;
  protected barrier: number = Barrier.OFF;
  protected depth = 0;
  protected bank = 0;
  protected generation = 0;
  /** Takes back that it is to leave when its thread ends. */
  private stay: () => void = () => {};
  protected readonly stack: Int32Array;
  protected readonly globals: Int32Array;
  protected readonly control: Int32Array;
  private readonly flip: Int32Array;
  /** Where its own words begin. */
  protected readonly own: number;
  /**
   * Index of the word POLL. Read plainly on the fast paths: 1 ns instead of 6 for Atomics.load, which V8 does not inline
   * here. It reads typed arrays afresh each time, and a request seen an iteration late is seen at the next. While the
   * thread does not run it is the index of a word that is never 0: each safepoint then looks closer, and throws.
   */
  protected poll: number;
  protected readonly tlab: Tlab;
  protected readonly log: BarrierLog;
  protected readonly ahead: PagesAhead;
  protected readonly point: Safepoint;
  protected readonly pins: Int32Array;

  protected constructor(
    readonly heap: Heap,
    /** Which of the heap's mutators this is. */
    readonly index: number,
  ) {
    this.control = heap.control;
    this.flip = heap.meta.flip;
    this.own = ownBase(index);
    this.poll = this.own + Own.POLL;
    this.stack = heap.meta.stack(index);
    this.globals = heap.meta.globals;
    this.tlab = new Tlab(heap, index);
    this.pins = heap.meta.pins(index);
    this.log = new BarrierLog(heap.meta.log(index), heap.kernels, heap.control, index);
    this.ahead = new PagesAhead(heap, this.log);
    this.point = new Safepoint(heap.control, index);
    // Both views are seen once, so that V8 does not take the first for a constant.
    this.views = heap.space.views.map((_, bank) => heap.view(bank));
    this.words = this.views.at(-1)!;
    this.words = this.views[0]!;
  }

  /** Takes a free place, beside a collection that may be under way. Throws HeapError 'too-many-mutators'. */
  protected static join<T extends AttachedThread>(heap: Heap, make: (index: number) => T): T {
    const { control, layout } = heap;
    checkAlive(control);
    reserveStack(ANYTHING);
    for (let index = takePlace(heap); ; index = takePlace(heap)) {
      if (index >= 0) return AttachedThread.attachAt(heap, index, make);
      // The threads in some places may have ended, and no collection has come to see that.
      let freed = false;
      for (let place = 0; place < layout.mutators; place++) {
        if (raisedHere(control, place) || !takeOver(heap, place)) continue;
        detachDead(heap, place);
        freed = true;
      }
      for (let place = 0; place < layout.mutators && !freed; place++) checkNotRaisedHere(control, place);
      if (!freed) throw new HeapError('too-many-mutators', `all ${layout.mutators} mutators of this heap are attached`);
    }
  }

  private static attachAt<T extends AttachedThread>(heap: Heap, index: number, make: (index: number) => T): T {
    const { control } = heap;
    const base = ownBase(index);
    try {
      control.fill(0, base + Own.REGION, base + Own.WORDS);
      control[base + Own.REGION] = -1;
      control[base + Own.THREAD] = threadId();
      heap.signals?.adopt(index);
      const mutator = make(index);
      mutator.point.stop();
      mutator.point.go();
      mutator.adoptMode();
      mutator.stand(null);
      mutator.stay = atExit(mutator.onExit);
      return mutator;
    } catch (error) {
      new Safepoint(control, index).leave(); // whoever stops the world would wait for it
      throw error;
    }
  }

  /**
   * Leaves the heap. Its roots and pins are gone; the objects stay as long as somebody else reaches them. After that every
   * method throws HeapError 'detached'.
   */
  detach(): void {
    reserveStack(ANYTHING);
    checkNotRaisedHere(this.control, this.index);
    this.stay();
    try {
      // A thread that ends while it is parked as well: the collector may be at its words.
      this.stand(null, !this.point.runs);
      this.tlab.top = this.top;
      this.tlab.close();
      if (this.barrier === Barrier.AHEAD) this.ahead.leave(this.log);
      else if (this.barrier !== Barrier.OFF) this.log.flush();
      dropAllPins(this.heap.meta, this.pins);
    } catch (error) {
      // What it has logged, or what stands in its region, is known to nobody now: others must not go on without it.
      this.heap.fail(1, `a mutator could not leave: ${error instanceof Error ? error.message : error}`);
      throw error;
    } finally {
      this.control[this.own + Own.REGION] = -1; // the words of a place without a mutator are no TLAB
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
    return this.stand(wait) as T;
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

  protected yield(): void {
    const { trace } = this.heap;
    const from = trace?.now() ?? 0;
    this.stand(null);
    trace?.record(this.index, TraceKind.STOOD, from, 0);
  }

  /** Publishes its words. May throw: nothing has changed so far. */
  private publish(): void {
    reserveStack(BUILT_IN);
    checkNotRaisedHere(this.control, this.index);
    if (!this.point.runs) {
      checkAlive(this.control);
      throw new HeapError(
        'parked',
        'this mutator is parked, and the collector may be at its words: wait for what parked() returned',
      );
    }
    this.tlab.top = this.top;
    this.tlab.publish();
    this.control[this.own + Own.DEPTH] = this.depth;
  }

  /**
   * Stops, runs `wait` if there is one, and goes on; `stopped`: goes on, and no more. Where `wait` answers with a promise,
   * so does this, and the thread goes on when that has settled. What `wait` throws is thrown on: it says more than what a
   * dead heap would say.
   *
   * Any call may throw a RangeError where JavaScript's stack ends, and a first one long before, because the function is
   * compiled then; and a program may catch that and go on. So from the word that says STOPPED on, until all that the
   * collector may have changed is read, nothing is called here but `wait` and what is built in. Safepoint.stop() and go(),
   * and Tlab.reload(), are written out.
   */
  private stand<T>(wait: (() => T) | null, stopped = false): T | undefined {
    if (!stopped) this.publish();
    const { control, flip, tlab, own } = this;
    const [state, poll] = [own + Own.STATE, own + Own.POLL];
    this.poll = NEVER_0;
    if (!stopped) {
      Atomics.store(control, state, MutatorState.STOPPED);
      if (Atomics.load(control, poll) !== 0) {
        Atomics.add(control, Control.ARRIVALS, 1);
        Atomics.notify(control, Control.ARRIVALS);
      }
    }
    const isA = Object.getPrototypeOf(this);
    let result: T | undefined;
    let error: unknown;
    let failed = false;
    try {
      if (wait !== null) result = wait();
      if (result instanceof Promise) return this.standFor(result) as T;
    } catch (thrown) {
      error = thrown;
      failed = true;
    }
    // It has left meanwhile, and its place may be another's.
    if (Object.getPrototypeOf(this) !== isA)
      throw failed ? error : new HeapError('detached', 'this mutator left the heap while it was parked');
    for (;;) {
      for (let spins = 0; spins < SPINS && Atomics.load(control, poll) !== 0; spins++);
      const asked = Atomics.load(control, poll);
      if (asked !== 0) {
        if (Atomics.load(control, Control.FATAL) !== 0) break;
        Atomics.wait(control, poll, asked, 1000);
        continue;
      }
      const was = Atomics.compareExchange(control, state, MutatorState.STOPPED, MutatorState.RUNNING);
      if (was !== MutatorState.STOPPED) continue; // seized in between: POLL says when to try again
      if (Atomics.load(control, poll) === 0) break;
      Atomics.store(control, state, MutatorState.STOPPED);
      Atomics.add(control, Control.ARRIVALS, 1);
      Atomics.notify(control, Control.ARRIVALS);
    }
    if (Atomics.load(control, Control.FATAL) !== 0) {
      if (failed) throw error;
      checkAlive(control);
    }
    tlab.region = control[own + Own.REGION]!;
    this.top = tlab.top = control[own + Own.TOP]!;
    this.limit = tlab.limit = control[own + Own.LIMIT]!;
    tlab.indexed = control[own + Own.INDEXED]!;
    this.barrier = control[own + Own.BARRIER]!;
    this.generation = Atomics.load(control, Control.GENERATION);
    this.bank = Atomics.load(flip, FlipWord.BANK);
    this.words = this.views[this.bank]!;
    this.poll = poll;
    if (failed) throw error;
    return result;
  }

  /** Goes on when `wait` has settled: the event loop, which the collector may need meanwhile, is not kept. */
  private async standFor<T>(wait: Promise<T>): Promise<T> {
    const [ended] = await Promise.allSettled([wait]);
    do {
      // Of a heap that was given up is told below.
      await this.point.whenFree().catch(() => new Promise((next) => setImmediate(next)));
    } while (raisedHere(this.control, this.index)); // in this turn, by this very thread
    this.stand(() => {
      if (ended.status === 'rejected') throw ended.reason;
    }, true);
    return (ended as PromiseFulfilledResult<Awaited<T>>).value;
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

  /** A cycle under way will do; another is asked for only when there is none. */
  protected requestIfIdle(): void {
    const { control } = this;
    if (Atomics.load(control, Control.CYCLE) === Atomics.load(control, Control.COLLECTIONS)) this.notifyCollector();
  }
}

/** Index of a place that was free, and is this thread's now; -1 if there is none. */
function takePlace({ kernels, control, layout }: Heap): number {
  const { ABSENT, ATTACHING } = MutatorState;
  for (let index = 0; index < layout.mutators; index++) {
    const state = ownBase(index) + Own.STATE;
    if (Atomics.load(control, state) !== ABSENT || raisedHere(control, index)) continue;
    if (kernels.occupy(index, control, state, ABSENT, ATTACHING)) return index;
  }
  return -1;
}
