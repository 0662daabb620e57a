/** A trace → the cycles in it, and the tables of those that are chosen. Reads the trace twice; keeps little of it. */
import {
  type CycleTables,
  columnsOf,
  type Lane,
  type PhaseName,
  phaseNames,
  type TableName,
  WaitKind,
} from './data.js';
import { upperBound } from './timeline.js';
import { type EventKind, Kind } from './kinds.js';

/** One record of a trace. Times in ns since the trace's start; `a` and `b` mean what the kind says. */
export type Visit = (begin: number, duration: number, a: number, b: number, kind: EventKind, lane: number) => void;

/** A trace that can be read more than once. */
export interface TraceSource {
  readonly pages: number;
  readonly lanes: readonly Lane[];
  scan(visit: Visit): void;
}

/** A cycle whose compaction is in the trace from beginning to end. Times in ns since the trace's start. */
export interface FoundCycle {
  readonly cycle: number;
  /** When the first of its phases began, and the last ended. */
  readonly from: number;
  readonly to: number;
  /** When its flip began, and when its compaction was done; the whole pause where the world was stopped. */
  readonly flip: number;
  readonly done: number;
  readonly faults: number;
}

const phaseOfKind: ReadonlyMap<EventKind, PhaseName> = new Map([
  [Kind.MARK, 'mark'],
  [Kind.REMARK, 'remark'],
  [Kind.PLAN, 'plan'],
  [Kind.AHEAD, 'ahead'],
  [Kind.FLIP, 'flip'],
  [Kind.COMPACT, 'compact'],
  [Kind.RECLAIM, 'reclaim'],
  [Kind.STOP, 'stop'],
]);

interface Bounds {
  from: number;
  to: number;
  flip: number | undefined;
  done: number | undefined;
}

/** Finds the cycles of a trace, in order. Those whose flip or end was not recorded are left out. */
export function findCycles(source: TraceSource): FoundCycle[] {
  const bounds = new Map<number, Bounds>();
  const faults: number[] = [];
  source.scan((begin, duration, a, _, kind) => {
    if (kind === Kind.FAULT) faults.push(begin);
    if (kind !== Kind.CYCLE && !phaseOfKind.has(kind)) return;
    const one = bounds.get(a) ?? { from: begin, to: begin, flip: undefined, done: undefined };
    bounds.set(a, one);
    one.from = Math.min(one.from, begin);
    one.to = Math.max(one.to, begin + duration);
    // A flip that found a fault still being served is made again: the last one counts, and the pause around all.
    if (kind === Kind.FLIP) one.flip = Math.max(one.flip ?? begin, begin);
    if (kind === Kind.STOP) one.flip = begin;
    if (kind === Kind.COMPACT || kind === Kind.STOP) one.done = Math.max(one.done ?? 0, begin + duration);
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
    return Object.fromEntries(this.names.map((name, i) => [name, Float64Array.from(order, (at) => this.#columns[i][at])]));
  }
}

/** The tables of one cycle, and how many of its records made no sense and were left out. */
export interface Collected {
  readonly tables: CycleTables;
  readonly senseless: number;
}

/** Gathers the tables of the cycles named, in their order. */
export function collect(source: TraceSource, cycles: readonly FoundCycle[]): Collected[] {
  const { pages, lanes } = source;
  const mutators = lanes.flatMap(({ role }, lane) => (role === 'mutator' ? [lane] : []));
  const all = cycles.map(() => ({
    rows: Object.fromEntries(Object.entries(columnsOf).map(([name, names]) => [name, new Rows(names)])) as Record<
      TableName,
      Rows
    >,
    senseless: 0,
  }));
  source.scan((begin, duration, a, b, kind, lane) => {
    for (let i = 0; i < cycles.length; i++) {
      const { from, to, flip, cycle } = cycles[i];
      if (begin > to || begin + duration < from) continue;
      const one = all[i];
      const at = Math.round(begin - flip);
      const took = Math.round(duration);
      const phase = phaseOfKind.get(kind);
      if (lane >= lanes.length) one.senseless++;
      else if (phase !== undefined) {
        if (a === cycle) one.rows.phases.add(lane, at, took, phaseNames.indexOf(phase));
      } else if (kind === Kind.FORWARD) {
        if (a < pages) one.rows.forwards.add(lane, at, took, a, b);
        else one.senseless++;
      } else if (kind === Kind.PUBLISH || kind === Kind.PUBLISH_AHEAD) {
        if (a + b <= pages) one.rows.publishes.add(lane, at, took, a, b, kind === Kind.PUBLISH_AHEAD ? 1 : 0);
        else one.senseless++;
      } else if (kind === Kind.FAULT) {
        if (a < pages && b < mutators.length) one.rows.faults.add(lane, at, took, a, mutators[b]);
        else one.senseless++;
      } else if (kind === Kind.STALL || kind === Kind.PACE) {
        one.rows.waits.add(lane, at, took, kind === Kind.STALL ? WaitKind.STALL : WaitKind.PACE);
      }
    }
  });
  return all.map(({ rows, senseless }) => {
    const tables = Object.fromEntries(Object.entries(rows).map(([name, rows]) => [name, rows.table()]));
    return { tables: tables as unknown as CycleTables, senseless };
  });
}
