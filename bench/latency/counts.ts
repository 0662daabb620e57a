/**
 * Counts of latencies in HdrHistogram's own buckets (Gil Tene): 2048 for the values below 2048 ns, and 1024 for each
 * doubling above, so that a value is known to three digits from nanoseconds to hours. What is recorded here is exported
 * bucket by bucket. (The histogram of `perf_hooks` has the same buckets, and does not give its counts away.)
 */

/** Values share a bucket when they have this many leading bits in common. */
const leadingBits = 10;
const perDoubling = 2 ** leadingBits;
/** The last bucket holds all that is longer: 2^43 ns, over two hours. */
const doublings = 33;
const buckets = (doublings + 1) * perDoubling;

/** What crosses threads: the counts, and the longest value to the nanosecond. */
export interface CountsData {
  readonly counts: Float64Array;
  readonly maxNs: number;
}

export class LatencyCounts {
  private readonly counts = new Float64Array(buckets);
  /** Values recorded. */
  count = 0;
  /** The longest, ns. */
  maxNs = 0;

  /** One latency of `ns` nanoseconds; less than 0 counts as 0. */
  record(ns: number): void {
    const value = ns > 0 ? ns : 0;
    this.counts[bucketOf(value)]++;
    this.count++;
    if (value > this.maxNs) this.maxNs = value;
  }

  /** Evenly spaced latencies from `longestNs` down by `stepNs` to no less than 0, however many: returns their number. */
  recordDownFrom(longestNs: number, stepNs: number): number {
    if (longestNs < 0) return 0;
    /** How many of them are not less than `value`. */
    const atLeast = (value: number) => (value > longestNs ? 0 : Math.floor((longestNs - value) / stepNs) + 1);
    const all = atLeast(0);
    const last = bucketOf(longestNs);
    for (let bucket = 0, here = all; bucket <= last; bucket++) {
      const above = bucket === last ? 0 : atLeast(leastOf(bucket + 1));
      this.counts[bucket] += here - above;
      here = above;
    }
    this.count += all;
    this.maxNs = Math.max(this.maxNs, longestNs);
    return all;
  }

  /** Adds what another one counted, which may come from another thread. */
  add({ counts, maxNs }: CountsData): void {
    for (let bucket = 0; bucket < buckets; bucket++) {
      this.counts[bucket] += counts[bucket];
      this.count += counts[bucket];
    }
    this.maxNs = Math.max(this.maxNs, maxNs);
  }

  get data(): CountsData {
    return { counts: this.counts, maxNs: this.maxNs };
  }

  /** The least value that at least `share` (0..1) of all do not exceed, to three digits and upwards, ns; 0 without any. */
  percentileNs(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let bucket = 0; bucket < buckets; bucket++) {
      seen += this.counts[bucket];
      if (seen >= rank) return Math.min(this.maxNs, leastOf(bucket + 1) - 1);
    }
    return this.maxNs;
  }

  /** Every bucket that has any: a value of it, ns (the least, but in the last bucket the longest), and how many. */
  *entries(): Generator<readonly [ns: number, count: number]> {
    const last = bucketOf(this.maxNs);
    for (let bucket = 0; bucket <= last; bucket++) {
      const ns = bucket === last ? Math.floor(this.maxNs) : leastOf(bucket);
      if (this.counts[bucket] > 0) yield [ns, this.counts[bucket]];
    }
  }
}

function bucketOf(ns: number): number {
  // Bit operations see 32 bits: a value that has more is looked at without its last 21.
  if (ns >= 2 ** 31) return Math.min(buckets - 1, bucketOf(Math.floor(ns / 2 ** 21)) + 21 * perDoubling);
  const shift = Math.max(0, 31 - leadingBits - Math.clz32(ns));
  return shift * perDoubling + (ns >>> shift);
}

function leastOf(bucket: number): number {
  if (bucket < 2 * perDoubling) return bucket;
  const shift = Math.floor(bucket / perDoubling) - 1;
  return (bucket - shift * perDoubling) * 2 ** shift;
}
