/**
 * The steps that a run goes through, all mutators together: a word that the main thread moves on, and a count of those
 * that have arrived. A mutator waits parked, so that the collector need not wait for it.
 */
import type { Mutator } from '../../heap/index.js';

/**
 * In order, but for MEASURE, which comes again after BETWEEN where the period is measured in turns. Mutators arrive at the
 * end of each and wait for the next. In AFTERWARDS they work on, and nothing counts.
 */
export const Step = {
  SET_UP: 0,
  WARM_UP: 1,
  WARM: 2,
  MEASURE: 3,
  BETWEEN: 4,
  STOP: 5,
  CHECK: 6,
  AFTERWARDS: 7,
  REST: 8,
  LEAVE: 9,
} as const;
export type StepValue = (typeof Step)[keyof typeof Step];

const STEP = 0;
const ARRIVED = 1;
/** Mutators that have attached to the heap, or failed to. */
const ATTACHED = 2;
/** How often the main thread has moved on: a step that comes again is told from the one before by it. Written after STEP. */
const MOVES = 3;
/** From here on a word a mutator: how far it is with its set-up or check, of a million. */
const PROGRESS = 4;
const whole = 1e6;

export type StepWords = Int32Array<SharedArrayBuffer>;

export function makeStepWords(mutators: number): StepWords {
  return new Int32Array(new SharedArrayBuffer(4 * (PROGRESS + mutators)));
}

/** The main thread's side. */
export class Conductor {
  private rounds = 0;

  constructor(
    readonly words: StepWords,
    private readonly mutators: number,
  ) {}

  /** Lets all mutators go on to `step`. */
  goTo(step: StepValue): void {
    for (let i = 0; i < this.mutators; i++) Atomics.store(this.words, PROGRESS + i, 0);
    Atomics.store(this.words, STEP, step);
    Atomics.notify(this.words, STEP);
    Atomics.add(this.words, MOVES, 1);
    Atomics.notify(this.words, MOVES);
  }

  /** Resolves once every mutator has arrived once more than at the last call. */
  async allArrived(): Promise<void> {
    this.rounds++;
    for (;;) {
      const arrived = Atomics.load(this.words, ARRIVED);
      if (arrived >= this.rounds * this.mutators) return;
      const wait = Atomics.waitAsync(this.words, ARRIVED, arrived);
      if (wait.async) await wait.value;
    }
  }

  /** How far the mutators are, 0..1: their mean. */
  get progress(): number {
    let sum = 0;
    for (let i = 0; i < this.mutators; i++) sum += Atomics.load(this.words, PROGRESS + i);
    return sum / whole / this.mutators;
  }
}

/** A mutator thread's side. */
export class Follower {
  constructor(
    private readonly words: StepWords,
    private readonly index: number,
  ) {}

  /** Lets mutators attach in the order of their numbers, so that each has the same place in the heap in every run. */
  inTurn<T>(attach: () => T): T {
    for (let now = 0; now < this.index; now = Atomics.load(this.words, ATTACHED)) {
      Atomics.wait(this.words, ATTACHED, now);
    }
    try {
      return attach();
    } finally {
      Atomics.add(this.words, ATTACHED, 1);
      Atomics.notify(this.words, ATTACHED);
    }
  }

  /** Whether the main thread has moved on from `step`. */
  isOver(step: StepValue): boolean {
    return this.step !== step;
  }

  /** Waits, parked, for `step` to begin. References in locals are void after. */
  arriveAndWaitFor(step: StepValue, mutator: Mutator): void {
    mutator.parked(() => {
      Atomics.add(this.words, ARRIVED, 1);
      Atomics.notify(this.words, ARRIVED);
      for (let now = this.step; now < step; now = this.step) Atomics.wait(this.words, STEP, now);
    });
  }

  /**
   * Between two turns: waits, parked, until the main thread moves on. Answers whether the measured period goes on. A thread
   * that slept through a whole turn finds itself between two again, and has to arrive once more.
   */
  restBetween(mutator: Mutator): boolean {
    if (this.isOver(Step.BETWEEN)) return false;
    mutator.parked(() => {
      const moves = Atomics.load(this.words, MOVES);
      Atomics.add(this.words, ARRIVED, 1);
      Atomics.notify(this.words, ARRIVED);
      while (Atomics.load(this.words, MOVES) === moves) Atomics.wait(this.words, MOVES, moves);
    });
    return !this.isOver(Step.MEASURE) || !this.isOver(Step.BETWEEN);
  }

  /** Waits so many ms or until the step changes. The mutator is parked. */
  sleep(ms: number): void {
    Atomics.wait(this.words, STEP, this.step, ms);
  }

  private get step(): number {
    return Atomics.load(this.words, STEP);
  }

  report(fraction: number): void {
    Atomics.store(this.words, PROGRESS + this.index, Math.round(Math.min(1, fraction) * whole));
  }
}
