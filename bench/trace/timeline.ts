/**
 * When mutators could not run and why, out of a recorder's records.
 *
 * A pause counts from the request to the end for every mutator, and for each of them as long as it stood itself. A fault
 * that a server serves counts from when the server reads of it to the page's being published: the two thread switches
 * around that are in no record, and the mutator loses them as well. One that a server leaves to whoever is at the page
 * counts until that one has published it. A fault in a mutator's own signal handler counts as long as the handler takes.
 */
import { TraceKind, type TraceVisitor } from '../../heap/trace-records.js';
import type { Span } from './mmu.js';
import type { Flip } from './storm.js';

/** A recorder, or a file of one. */
export interface Records {
  each(visit: TraceVisitor): void;
}

export interface Timeline {
  /** What kept each mutator from running, in no order, ns. */
  readonly stopped: readonly (readonly Span[])[];
  /** Of collections that do not stop the world. */
  readonly flips: readonly Flip[];
  /** When each fault was begun to be served, ns. */
  readonly faults: readonly number[];
}

interface Left {
  readonly page: number;
  readonly mutator: number;
  readonly begin: number;
  end: number;
}

/** Of the mutators `lanes` names, by the lane that each records in. */
export function timelineOf(records: Records, lanes: readonly number[]): Timeline {
  const stopped = new Map<number, Span[]>(lanes.map((lane) => [lane, []]));
  const pauses: Span[] = [];
  const faults: number[] = [];
  const left: Left[] = [];
  const flipped = new Map<number, number>();
  const compacted = new Map<number, number>();
  const held = new Set<number>();
  records.each((kind, lane, begin, duration, a, b) => {
    const end = begin + duration;
    switch (kind) {
      case TraceKind.FLIP:
        flipped.set(a, Math.max(end, flipped.get(a) ?? 0)); // of several attempts the last one succeeded
        pauses.push([begin, end]);
        return;
      case TraceKind.STOP:
        held.add(a);
        pauses.push([begin, end]);
        return;
      case TraceKind.REMARK:
        pauses.push([begin, end]);
        return;
      case TraceKind.COMPACT:
        compacted.set(a, end);
        return;
      case TraceKind.STALL:
      case TraceKind.PACE:
      case TraceKind.STOOD:
        stopped.get(lane)?.push([begin, end]);
        return;
      case TraceKind.FAULT:
        faults.push(begin);
        stopped.get(b)?.push([begin, end]);
        return;
      case TraceKind.LEFT:
        left.push({ page: a, mutator: b, begin, end });
    }
  });
  const flips = [...flipped].flatMap(([cycle, at]) => {
    const until = compacted.get(cycle);
    return until === undefined || held.has(cycle) ? [] : [{ at, until }];
  });
  waitForOthers(records, left, flips);
  for (const { mutator, begin, end } of left) stopped.get(mutator)?.push([begin, end]);
  return { stopped: lanes.map((lane) => [...(stopped.get(lane) ?? []), ...pauses]), flips, faults };
}

/** Ends what was left when whoever was at the page has published it, in the same compaction. */
function waitForOthers(records: Records, left: readonly Left[], flips: readonly Flip[]): void {
  if (left.length === 0) return;
  const byPage = new Map<number, Left[]>();
  for (const one of left) byPage.set(one.page, [...(byPage.get(one.page) ?? []), one]);
  records.each((kind, _, begin, duration, first, count) => {
    if (kind !== TraceKind.PUBLISH) return;
    const end = begin + duration;
    for (let page = first; page < first + count; page++) {
      for (const one of byPage.get(page) ?? []) {
        const isSame = flips.some(({ at, until }) => at <= one.begin && one.begin <= until && end <= until);
        if (isSame && end > one.end) one.end = end;
      }
    }
  });
}
