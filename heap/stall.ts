/**
 * The two ways an allocation waits: paced, a little and often, while a cycle runs; stalled, when nothing is free.
 *
 * Pacing (the idea is Shenandoah's): a cycle starts with a budget of free memory and reports its progress in
 * thousandths. A mutator that has used a larger share of the budget than the cycle has done of its work waits for the
 * cycle to catch up, a few milliseconds a 64 KiB chunk at most, so that running dry is spread over many operations
 * instead of stopping one of them for the rest of the cycle. Both kinds of wait are counted.
 */
import { checkCollector } from './alive.js';
import { Control, Own, ownBase } from './control.js';
import type { Recorder } from './trace.js';
import { TraceKind } from './trace-records.js';

/** Longest wait for one chunk, ms. With 64 KiB chunks it still lets 6 MiB a second through. */
const PACE_MAX_MS = 10;
/** What allocation is counted in, whatever the size of a page. */
export const PACE_BYTES = 4096;
/** Units that may always be taken, 1 MiB: a cycle that has just begun has done nothing yet. */
const PACE_SLACK = (1 << 20) / PACE_BYTES;

/** Cycles without a region for any mutator after which the heap is full, and without one for a mutator that waits. */
const FRUITLESS = 3;
const UNLUCKY = 50;

/** Whether allocation is ahead of the cycle that runs. */
export function aheadOfCycle(control: Int32Array): boolean {
  const budget = Atomics.load(control, Control.BUDGET);
  if (budget < 0) return false;
  const allowed = PACE_SLACK + (budget * Atomics.load(control, Control.PROGRESS)) / 1000;
  return Atomics.load(control, Control.TAKEN) > allowed;
}

/**
 * Microseconds that a mutator has waited in all, for `word`: its stalls or its pace. 64 bits, one atomic access, so that
 * nobody reads half of an older sum; 32 would be over after 36 minutes.
 */
export function waitedUs(control: Int32Array, mutator: number, word: WaitWord): number {
  return Number(Atomics.load(wide(control), (ownBase(mutator) + word) / 2));
}

export type WaitWord = typeof Own.STALL_US | typeof Own.PACED_US;

function addWaited(control: Int32Array, mutator: number, word: WaitWord, us: number): void {
  Atomics.add(wide(control), (ownBase(mutator) + word) / 2, BigInt(us));
}

function wide(control: Int32Array): BigInt64Array {
  return new BigInt64Array(control.buffer);
}

/** Waits, parked, until the cycle has caught up or PACE_MAX_MS have passed. */
export function awaitPace(control: Int32Array, mutator: number, trace: Recorder | null): void {
  const own = ownBase(mutator);
  const from = trace?.now() ?? 0;
  const began = performance.now();
  for (;;) {
    const left = PACE_MAX_MS - (performance.now() - began);
    const progress = Atomics.load(control, Control.PROGRESS);
    if (left <= 0 || !aheadOfCycle(control)) break;
    Atomics.wait(control, Control.PROGRESS, progress, left);
  }
  Atomics.add(control, own + Own.PACED, 1);
  addWaited(control, mutator, Own.PACED_US, Math.round((performance.now() - began) * 1000));
  trace?.record(mutator, TraceKind.PACE, from, 0);
}

/** One allocation that found nothing free. Counts itself once it has waited. */
export class Stall {
  private began = 0;
  private from = 0;
  /** COLLECTIONS when it began to wait, and when a mutator last got a region, as OPENED says. */
  private first = 0;
  private lastFruitful = 0;
  private opened = 0;

  constructor(
    private readonly control: Int32Array,
    private readonly mutator: number,
    private readonly trace: Recorder | null,
  ) {}

  /** Whether there is no hope: several cycles freed nothing for anybody, or very many nothing for this one. */
  get isHopeless(): boolean {
    if (this.began === 0) return false;
    const { control } = this;
    const ended = Atomics.load(control, Control.COLLECTIONS);
    const opened = Atomics.load(control, Control.OPENED);
    if (opened !== this.opened) {
      // Others were quicker. That is bad luck, and no lack of memory.
      this.opened = opened;
      this.lastFruitful = ended;
    }
    return ended - this.lastFruitful >= FRUITLESS || ended - this.first >= UNLUCKY;
  }

  /** Waits, parked, for a cycle to end. */
  wait(): void {
    const { control } = this;
    const done = Atomics.load(control, Control.COLLECTIONS);
    if (this.began === 0) {
      this.began = performance.now();
      this.from = this.trace?.now() ?? 0;
      this.first = this.lastFruitful = done;
      this.opened = Atomics.load(control, Control.OPENED);
    }
    checkCollector(control);
    Atomics.wait(control, Control.COLLECTIONS, done, 100);
  }

  end(): void {
    if (this.began === 0) return;
    const own = ownBase(this.mutator);
    const us = Math.round((performance.now() - this.began) * 1000);
    Atomics.add(this.control, own + Own.STALLS, 1);
    addWaited(this.control, this.mutator, Own.STALL_US, us);
    const longest = Atomics.load(this.control, own + Own.STALL_MAX_US);
    if (us > longest) Atomics.store(this.control, own + Own.STALL_MAX_US, Math.min(us, 2 ** 31 - 1));
    this.trace?.record(this.mutator, TraceKind.STALL, this.from, 0);
  }
}
