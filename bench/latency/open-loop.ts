/**
 * The open loop: requests are due at a fixed rate whether or not the mutator keeps up, and each is timed twice: from the
 * start of its work (simple), and from when it was due (metered). What a pause, a fault or a stall holds up is then
 * counted for every request that had to wait for it, and nothing is omitted because the mutator was not there to ask
 * (Gil Tene's "coordinated omission"). DaCapo Chopin's metered latency gives each request of a closed run such a time
 * after the fact (closed-loop.ts); here it is the schedule's own.
 *
 * A request is `requestOperations` operations of the workload, or whatever it takes for one of its batches where it does
 * not let itself be divided. The schedule counts operations, so the offered rate holds for those too.
 */
import type { Ending, Session } from '../workloads/index.js';
import { type CountsData, LatencyCounts } from './counts.js';

/** Operations of a request. 0.1 to 0.2 ms of churn: long against what it takes to wake, short against what holds it up. */
export const requestOperations = 100;

/**
 * How long before a request is due its mutator stops sleeping and looks at the clock instead, ms. The kernel wakes
 * threads up to 50 µs late (its timer slack), and then there is the way back into the heap.
 */
export const spinMs = 0.1;

/** What the open loop needs of a mutator: to wait without keeping the collector waiting. */
export interface Waiter {
  safepoint(): void;
  parked(wait: () => void): void;
}

export interface Period {
  /** Whether the measured period has ended. */
  isOver(): boolean;
  /** Waits, in parked(), so many ms or until the period ends; not exactly. */
  sleep(ms: number): void;
}

export interface Schedule {
  /** Operations a second that this mutator is offered. */
  readonly perSecond: number;
  /** When the first request is due, ms after the start: mutators take turns. */
  readonly firstMs: number;
}

/** What one mutator's open loop did. */
export interface OpenLoopOutcome {
  readonly operations: number;
  readonly latency: RequestLatency;
}

/** Latencies of one mutator's requests; crosses threads. */
export interface RequestLatency {
  readonly simple: CountsData;
  readonly metered: CountsData;
  /**
   * Requests that were due and not begun when the period ended. They are in `metered` with what they had waited: left
   * out, the wait at the end of a run that falls behind would go unseen.
   */
  readonly unserved: number;
}

/** Request after request as they fall due, until the period is over and the session can end. */
export function openLoop(
  session: Pick<Session, 'batch' | 'ending'>,
  mutator: Waiter,
  period: Period,
  { perSecond, firstMs }: Schedule,
  now: () => number = () => performance.now(),
): OpenLoopOutcome {
  const simple = new LatencyCounts();
  const metered = new LatencyCounts();
  const msPerOperation = 1000 / perSecond;
  let operations = 0;
  let due = now() + firstMs;
  let requestMs = requestOperations * msPerOperation;
  let ending: Ending = session.ending ?? 'may';
  let sleepMs = 0;
  const sleep = () => period.sleep(sleepMs);

  for (;;) {
    let began = now();
    while (began < due && (ending === 'not-yet' || !period.isOver())) {
      sleepMs = due - began - spinMs;
      if (sleepMs > 0) mutator.parked(sleep);
      else mutator.safepoint();
      began = now();
    }
    if (ending === 'may' && period.isOver()) {
      const unserved = metered.recordDownFrom((began - due) * 1e6, requestMs * 1e6);
      return { operations, latency: { simple: simple.data, metered: metered.data, unserved } };
    }
    const done = session.batch(requestOperations);
    const ended = now();
    ending = session.ending ?? 'may';
    if (done > 0) {
      simple.record((ended - began) * 1e6);
      metered.record((ended - due) * 1e6);
      operations += done;
      requestMs = done * msPerOperation;
      due += requestMs;
    }
    if (ending === 'must') return { operations, latency: { simple: simple.data, metered: metered.data, unserved: 0 } };
  }
}
