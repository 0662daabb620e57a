/**
 * Metered latency of a closed run as DaCapo Chopin defines it (its LatencyReporter, with full smoothing): requests are
 * taken in the order in which they began, and the i-th counts as due at an even pace between the first and the last
 * begin. Its latency is from then to its end, or what it took itself where that is more. A long one then shows in those
 * after it as well, which in a closed run begin late because of it.
 */
import type { Quantiles } from '../schema/index.js';
import { atShare, quantilesOf } from './quantiles.js';

/** Times that are kept at most: an hour and more of batches of a millisecond, 32 MiB. */
const mostTimes = 2 ** 22;

/** When the batches of one mutator began, and the last one ended: ms of a clock that all threads share. */
export class BatchTimes {
  private times = new Float64Array(1024);
  private length = 0;
  private offset = clockOffset();

  constructor(private readonly most = mostTimes) {}

  /** The first batch begins, or the first after a rest, which then did not happen. `now`: of performance.now(). */
  begin(now: number): void {
    if (this.length === 0) this.add(now);
    else this.offset = this.times[this.length - 1] - now;
  }

  /** A batch has ended. `now`: of performance.now(). */
  add(now: number): void {
    if (this.length > this.most) return;
    if (this.length === this.times.length) {
      const longer = new Float64Array(2 * this.length);
      longer.set(this.times);
      this.times = longer;
    }
    this.times[this.length++] = now + this.offset;
  }

  /** All of them; undefined when there were too many to keep. */
  get data(): Float64Array | undefined {
    return this.length > this.most ? undefined : this.times.slice(0, this.length);
  }
}

/** What a result line holds at most: some 700 KB. */
const mostSamples = 100_000;

/**
 * Every batch as it came, µs to a tenth, by the `BatchTimes` of each mutator; undefined where one has not kept its own,
 * or there are more than a result line should hold.
 */
export function batchSamples(
  mutators: readonly (Float64Array | undefined)[],
  most: number = mostSamples,
): number[][] | undefined {
  if (!mutators.every((times) => times !== undefined)) return undefined;
  if (mutators.reduce((count, times) => count + Math.max(0, times.length - 1), 0) > most) return undefined;
  return mutators.map((times) => Array.from(times.subarray(1), (end, i) => Math.round(10_000 * (end - times[i])) / 10));
}

/** From this thread's clock to the shared one, ms. A thread that is preempted between its two looks finds less. */
function clockOffset(): number {
  const looks = Array.from({ length: 5 }, () => Number(process.hrtime.bigint()) / 1e6 - performance.now());
  return Math.max(...looks);
}

/**
 * Metered latencies of requests that began and ended so, in any order; the unit is theirs. Answers them in the order of
 * their begin.
 */
export function meteredFully(begins: Float64Array, ends: Float64Array): Float64Array {
  const order = Uint32Array.from(begins.keys()).sort((a, b) => begins[a] - begins[b]);
  const { length } = order;
  if (length === 0) return new Float64Array(0);
  const first = begins[order[0]];
  const interval = length === 1 ? 0 : (begins[order[length - 1]] - first) / (length - 1);
  return Float64Array.from(order, (request, i) => {
    const due = first + i * interval;
    return Math.max(ends[request] - due, ends[request] - begins[request]);
  });
}

/** Metered latency of the batches of all mutators, by their `BatchTimes`; undefined where one has not kept its own. */
export function meteredBatches(mutators: readonly (Float64Array | undefined)[]): Quantiles | undefined {
  if (!mutators.every((times) => times !== undefined)) return undefined;
  const all = mutators.map((times) => ({ begins: times.subarray(0, -1), ends: times.subarray(1) }));
  const us = meteredFully(joined(all.map(({ begins }) => begins)), joined(all.map(({ ends }) => ends)))
    .map((ms) => 1000 * ms)
    .sort();
  return quantilesOf(us.length, (share) => atShare(us, share));
}

function joined(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
