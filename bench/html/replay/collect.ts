/** A trace → the cycles in it, and the tables of those that are chosen. Reads the trace twice; keeps little of it. */
import { TraceKind, type TraceVisitor } from '../../../heap/trace-records.js';
import type { TraceHeader } from '../../trace/file.js';
import {
  type CycleTables,
  columnsOf,
  howForwarded,
  type Lane,
  type PhaseName,
  phaseNames,
  type TableName,
  WaitKind,
} from './data.js';
import { upperBound } from './timeline.js';

/** A trace that can be read more than once, such as a TraceFile. */
export interface TraceSource {
  readonly header: Pick<TraceHeader, 'pages' | 'lanes'>;
  each(visit: TraceVisitor): void;
}

/** A cycle whose compaction is in the trace from beginning to end. Times in ns since the trace's start. */
export interface FoundCycle {
  readonly cycle: number;
  /** When the first of its phases began, and the last ended. */
  readonly from: number;
  readonly to: number;
  /** When its flip began, and when its compaction was done. */
  readonly flip: number;
  readonly done: number;
  readonly faults: number;
}

const phaseOfKind: ReadonlyMap<number, PhaseName> = new Map([
  [TraceKind.MARK, 'mark'],
  [TraceKind.REMARK, 'remark'],
  [TraceKind.PLAN, 'plan'],
  [TraceKind.AHEAD, 'ahead'],
  [TraceKind.FLIP, 'flip'],
  [TraceKind.COMPACT, 'compact'],
  [TraceKind.RECLAIM, 'reclaim'],
  [TraceKind.STOP, 'stop'],
]);

const waitOfKind: ReadonlyMap<number, number> = new Map([
  [TraceKind.STALL, WaitKind.STALL],
  [TraceKind.PACE, WaitKind.PACE],
  [TraceKind.STOOD, WaitKind.STOOD],
]);

interface Bounds {
  from: number;
  to: number;
  flip: number | undefined;
  done: number | undefined;
}

/** Whether it can be one: neither garbage nor longer than a fortnight. */
function isTime(ns: number): boolean {
  return ns >= 0 && ns < 2 ** 50;
}

/** Finds the cycles of a trace, in order. Those whose flip or end was not recorded are left out. */
export function findCycles(source: TraceSource): FoundCycle[] {
  const bounds = new Map<number, Bounds>();
  const faults: number[] = [];
  source.each((kind, _, begin, duration, a) => {
    if (!isTime(begin) || !isTime(duration)) return;
    if (kind === TraceKind.FAULT) faults.push(begin);
    if (kind !== TraceKind.CYCLE && !phaseOfKind.has(kind)) return;
    const one = bounds.get(a) ?? { from: begin, to: begin, flip: undefined, done: undefined };
    bounds.set(a, one);
    one.from = Math.min(one.from, begin);
    one.to = Math.max(one.to, begin + duration);
    // A flip that finds a fault still being served is made again: the last one counts.
    if (kind === TraceKind.FLIP) one.flip = Math.max(one.flip ?? begin, begin);
    if (kind === TraceKind.COMPACT) one.done = begin + duration;
  });
  const sorted = Float64Array.from(faults).sort();
  const found: FoundCycle[] = [];
  for (const [cycle, { from, to, flip, done }] of bounds) {
    if (flip === undefined || done === undefined) continue;
    found.push({ cycle, from, to, flip, done, faults: upperBound(sorted, to) - upperBound(sorted, from) });
  }
  return found.sort((a, b) => a.from - b.from);
}

/** A chosen cycle, and for what. */
export interface ChosenCycle extends FoundCycle {
  readonly why: readonly string[];
}

/** The longest compaction, the one with the most faults, the one of median length; then the next longest ones. */
export function chooseCycles(found: readonly FoundCycle[], most: number): ChosenCycle[] {
  const byLength = [...found].sort((a, b) => b.done - b.flip - (a.done - a.flip));
  const byFaults = [...found].sort((a, b) => b.faults - a.faults);
  const why = new Map<FoundCycle, string[]>();
  const choose = (one: FoundCycle | undefined, reason?: string) => {
    if (one === undefined || (!why.has(one) && why.size >= most)) return;
    const reasons = why.get(one) ?? [];
    why.set(one, reason === undefined ? reasons : [...reasons, reason]);
  };
  choose(byLength[0], 'the longest compaction');
  if (byFaults[0]?.faults) choose(byFaults[0], 'the most faults');
  if (found.length > 2) choose(byLength[Math.floor(byLength.length / 2)], 'the compaction of median length');
  for (const one of byLength) choose(one);
  return [...why].map(([one, reasons]) => ({ ...one, why: reasons })).sort((a, b) => a.from - b.from);
}

/** Rows of one table as they are found, columns apart. */
class Rows {
  readonly #columns: number[][];

  constructor(private readonly names: readonly string[]) {
    this.#columns = names.map(() => []);
  }

  add(...values: readonly number[]): void {
    for (let i = 0; i < values.length; i++) this.#columns[i].push(values[i]);
  }

  /** In the order of lane and begin, which are the first two columns. */
  table(): Record<string, Float64Array> {
    const [lanes, begins] = this.#columns;
    const order = lanes.map((_, i) => i).sort((a, b) => lanes[a] - lanes[b] || begins[a] - begins[b]);
    return Object.fromEntries(
      this.names.map((name, i) => [name, Float64Array.from(order, (at) => this.#columns[i][at])]),
    );
  }
}

/** The tables of one cycle, and how many of its records made no sense and were left out. */
export interface Collected {
  readonly tables: CycleTables;
  readonly senseless: number;
}

/** Gathers the tables of the cycles named, in their order. */
export function collect(source: TraceSource, cycles: readonly FoundCycle[]): Collected[] {
  const { pages, lanes } = source.header;
  const mutators = lanes.flatMap(({ role }, lane) => (role === 'mutator' ? [lane] : []));
  const all = cycles.map(() => ({
    rows: Object.fromEntries(Object.entries(columnsOf).map(([name, names]) => [name, new Rows(names)])) as Record<
      TableName,
      Rows
    >,
    senseless: 0,
  }));
  source.each((kind, lane, begin, duration, a, b) => {
    for (let i = 0; i < cycles.length; i++) {
      const { from, to, flip, cycle } = cycles[i];
      if (begin > to || begin + duration < from) continue;
      const one = all[i];
      const at = Math.round(begin - flip);
      const took = Math.round(duration);
      const phase = phaseOfKind.get(kind);
      if (!isTime(begin) || !isTime(duration)) one.senseless++;
      else if (phase !== undefined) {
        if (a === cycle) one.rows.phases.add(lane, at, took, phaseNames.indexOf(phase));
      } else if (kind === TraceKind.FORWARD) {
        if (a < pages && b < howForwarded.length) one.rows.forwards.add(lane, at, took, a, b);
        else one.senseless++;
      } else if (kind === TraceKind.PUBLISH || kind === TraceKind.PUBLISH_AHEAD) {
        if (a + b <= pages) one.rows.publishes.add(lane, at, took, a, b, kind === TraceKind.PUBLISH_AHEAD ? 1 : 0);
        else one.senseless++;
      } else if (kind === TraceKind.FAULT) {
        if (a < pages && b < mutators.length) one.rows.faults.add(lane, at, took, a, mutators[b]);
        else one.senseless++;
      } else if (waitOfKind.has(kind)) {
        one.rows.waits.add(lane, at, took, waitOfKind.get(kind)!);
      }
    }
  });
  return all.map(({ rows, senseless }) => {
    const named = Object.fromEntries(Object.entries(rows).map(([name, rows]) => [name, rows.table()]));
    const tables = named as unknown as CycleTables;
    endWaits(tables, lanes);
    return { tables, senseless };
  });
}

/**
 * Who waits for a server goes on once the page is published, by whomever: before the server is done with the message, or
 * after it where it left the page to somebody else. In a mutator's own signal handler the wait is as long as the handler.
 */
function endWaits({ faults, publishes }: CycleTables, lanes: readonly Lane[]): void {
  const visible = new Map<number, number>(Array.from(faults.page, (page) => [page, Number.POSITIVE_INFINITY]));
  for (let i = 0; i < publishes.page.length; i++) {
    if (publishes.ahead[i]) continue;
    const end = publishes.begin[i] + publishes.duration[i];
    for (let page = publishes.page[i]; page < publishes.page[i] + publishes.count[i]; page++) {
      if (end < (visible.get(page) ?? 0)) visible.set(page, end);
    }
  }
  for (let row = 0; row < faults.page.length; row++) {
    const waited = visible.get(faults.page[row])! - faults.begin[row];
    if (lanes[faults.lane[row]].role !== 'mutator' && waited >= 0 && waited < Infinity) faults.duration[row] = waited;
  }
}
