/**
 * Minimum mutator utilisation (Cheng and Blelloch, PLDI 2001): of all windows of a length, the least share in which a
 * mutator could run. What keeps it from running is a list of spans, whatever the reason.
 */

/** From, to; any unit, the same everywhere. */
export type Span = readonly [begin: number, end: number];

export const mmuWindowsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000] as const;

/** The same time in spans that are in order, do not touch each other, and lie in [0, period). */
export function merged(spans: readonly Span[], period: number): Span[] {
  const inOrder = spans
    .map(([begin, end]): Span => [Math.max(0, begin), Math.min(period, end)])
    .filter(([begin, end]) => end > begin)
    .sort(([a], [b]) => a - b);
  const whole: [number, number][] = [];
  for (const [begin, end] of inOrder) {
    const last = whole.at(-1);
    if (last !== undefined && begin <= last[1]) last[1] = Math.max(last[1], end);
    else whole.push([begin, end]);
  }
  return whole;
}

/**
 * The least share of a window of length `window` in [0, period) that no span covers; `spans` are merged. Exact: of the
 * windows that hold most, one begins where a span begins or ends where one ends, or lies at an end of the period.
 * Throws RangeError for a window longer than the period.
 */
export function leastShare(spans: readonly Span[], period: number, window: number): number {
  if (!(window > 0 && window <= period)) throw new RangeError(`a window of ${window} in a period of ${period}`);
  const within = (from: number) => Math.max(0, Math.min(from, period - window));
  const most = (from: (span: Span) => number) => {
    const [before, until] = [new Covered(spans), new Covered(spans)];
    let longest = 0;
    for (const span of spans) {
      const begin = within(from(span));
      longest = Math.max(longest, until.upTo(begin + window) - before.upTo(begin));
    }
    return longest;
  };
  const covered = Math.max(
    most(([begin]) => begin),
    most(([, end]) => end - window),
  );
  return Math.max(0, 1 - covered / window);
}

/** The least over mutators, for each window that fits into the period. ns. */
export function minimumUtilisation(
  byMutator: readonly (readonly Span[])[],
  periodNs: number,
): { windowMs: number; share: number }[] {
  const spans = byMutator.map((one) => merged(one, periodNs));
  return mmuWindowsMs
    .filter((windowMs) => windowMs * 1e6 <= periodNs)
    .map((windowMs) => ({
      windowMs,
      share: Math.min(1, ...spans.map((one) => leastShare(one, periodNs, windowMs * 1e6))),
    }));
}

/** How much of [0, at) spans cover, for one `at` after the other, none before the last. */
class Covered {
  private next = 0;
  private before = 0;

  constructor(private readonly spans: readonly Span[]) {}

  upTo(at: number): number {
    const { spans } = this;
    for (; this.next < spans.length && spans[this.next][1] <= at; this.next++) {
      this.before += spans[this.next][1] - spans[this.next][0];
    }
    const under = spans[this.next];
    return this.before + (under === undefined ? 0 : Math.max(0, at - under[0]));
  }
}
