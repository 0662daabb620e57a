/** A period that was measured in turns, on a clock that stood still between them. */
import type { Span } from './mmu.js';
import type { Records } from './timeline.js';

/** How long the rests are together, ns. */
export function restedNs(rests: readonly Span[]): number {
  return rests.reduce((total, [begin, end]) => total + end - begin, 0);
}

/** The same records by that clock. `rests` are in order, and no record begins within one or reaches into it. */
export function withoutRests(records: Records, rests: readonly Span[]): Records {
  if (rests.length === 0) return records;
  const before = (at: number) => restedNs(rests.filter(([, end]) => end <= at));
  return {
    each: (visit) => records.each((kind, lane, begin, ...rest) => visit(kind, lane, begin - before(begin), ...rest)),
  };
}
