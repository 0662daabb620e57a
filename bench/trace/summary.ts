/** What is in a trace file: threads, phases, faults, waits, the longest pauses, and what became of pages. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { TraceKind } from '../../heap/trace-records.js';
import { describeConfig } from '../configurations/describe.js';
import { approximateSize, formatCount, formatDuration, significant } from '../sizes.js';
import type { TraceFile } from './file.js';
import { minimumUtilisation } from './mmu.js';
import { stormFaults, stormOf } from './storm.js';
import { timelineOf } from './timeline.js';

/** Times in µs. */
export interface Times {
  readonly count: number;
  readonly totalUs: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export interface TraceSummary {
  readonly config: TraceFile['header']['config'];
  readonly heap: { readonly pages: number; readonly pageBytes: number };
  readonly spanMs: number;
  readonly events: number;
  readonly dropped: number;
  readonly threads: readonly { readonly name: string; readonly role: string; readonly events: number }[];
  readonly phases: Readonly<Record<string, Times>>;
  /** As they were served, by mutator. */
  readonly faults: readonly ({ readonly mutator: number } & Times)[];
  readonly waits: readonly { readonly mutator: number; readonly stalls: Times; readonly paced: Times }[];
  readonly longestPauses: readonly {
    readonly pause: string;
    readonly cycle: number;
    readonly atMs: number;
    readonly us: number;
  }[];
  /** Pages forwarded and published, by role of the thread. */
  readonly pages: Readonly<Record<string, { readonly forwarded: number; readonly published: number }>>;
  readonly mmu: ReturnType<typeof minimumUtilisation>;
  readonly storm?: NonNullable<ReturnType<typeof stormOf>>;
}

const phaseNames: Readonly<Record<number, string>> = {
  [TraceKind.CYCLE]: 'collection',
  [TraceKind.MARK]: 'mark',
  [TraceKind.REMARK]: 'remark (pause)',
  [TraceKind.PLAN]: 'plan',
  [TraceKind.AHEAD]: 'map ahead',
  [TraceKind.FLIP]: 'flip (pause)',
  [TraceKind.COMPACT]: 'compact',
  [TraceKind.RECLAIM]: 'reclaim',
  [TraceKind.STOP]: 'stop (pause)',
};
const shownPauses = 5;

export function summarise(trace: TraceFile): TraceSummary {
  const { lanes, config, pages, pageBytes, events, dropped } = trace.header;
  const mutators = lanes.flatMap(({ role }, lane) => (role === 'mutator' ? [lane] : []));
  const perLane = lanes.map(() => 0);
  const phases = new Map<number, Gathered>();
  const faults = mutators.map(() => new Gathered());
  const stalls = mutators.map(() => new Gathered());
  const paced = mutators.map(() => new Gathered());
  const byRole: Record<string, { forwarded: number; published: number }> = {};
  let pauses: { kind: number; cycle: number; begin: number; duration: number }[] = [];
  let span = 0;
  trace.each((kind, lane, begin, duration, a, b) => {
    perLane[lane]++;
    span = Math.max(span, begin + duration);
    if (phaseNames[kind] !== undefined) gathered(phases, kind).add(duration);
    if (kind === TraceKind.REMARK || kind === TraceKind.FLIP || kind === TraceKind.STOP) {
      pauses.push({ kind, cycle: a, begin, duration });
    } else if (kind === TraceKind.FAULT) faults[b]?.add(duration);
    else if (kind === TraceKind.STALL) stalls[lane]?.add(duration);
    else if (kind === TraceKind.PACE) paced[lane]?.add(duration);
    else if (kind >= TraceKind.FORWARD) {
      byRole[lanes[lane].role] ??= { forwarded: 0, published: 0 };
      if (kind === TraceKind.FORWARD) byRole[lanes[lane].role].forwarded++;
      else byRole[lanes[lane].role].published += b;
    }
  });
  // What a collection that stops the world pauses for once more, mutators do not notice.
  const stopped = new Set(pauses.flatMap(({ kind, cycle }) => (kind === TraceKind.STOP ? [cycle] : [])));
  pauses = pauses.filter(({ kind, cycle }) => kind === TraceKind.STOP || !stopped.has(cycle));
  const timeline = timelineOf(trace, mutators);
  const storm = stormOf(timeline.flips, timeline.faults);
  return {
    ...{ config, heap: { pages, pageBytes }, spanMs: span / 1e6, events, dropped },
    threads: lanes.map((lane, i) => ({ ...lane, events: perLane[i] })),
    phases: Object.fromEntries(
      [...phases].sort(([a], [b]) => a - b).map(([kind, times]) => [phaseNames[kind], times.times]),
    ),
    faults: faults.map((times, mutator) => ({ mutator, ...times.times })),
    waits: mutators.map((mutator) => ({ mutator, stalls: stalls[mutator].times, paced: paced[mutator].times })),
    longestPauses: pauses
      .sort((a, b) => b.duration - a.duration)
      .slice(0, shownPauses)
      .map(({ kind, cycle, begin, duration }) => ({
        ...{ pause: phaseNames[kind], cycle, atMs: begin / 1e6, us: duration / 1000 },
      })),
    pages: byRole,
    mmu: minimumUtilisation(timeline.stopped, span),
    ...(storm && { storm }),
  };
}

/** For a terminal. */
export function summaryText(summary: TraceSummary): string {
  const { config, heap, spanMs, events, dropped, threads, phases, faults, waits, pages, mmu, storm } = summary;
  const lost = dropped > 0 ? `, ${formatCount(dropped)} more did not fit` : '';
  const busy = threads.filter((thread) => thread.events > 0);
  const times = ({ count, totalUs, p50Us, p99Us, maxUs }: Times) =>
    `${formatCount(count)}, ${significant(totalUs / 1000)} ms in all; ` +
    `p50 ${significant(p50Us)}, p99 ${significant(p99Us)}, longest ${significant(maxUs)} µs`;
  const lines = [
    describeConfig(config),
    `${formatCount(events)} events over ${formatDuration(spanMs)}${lost}; ` +
      `${formatCount(heap.pages)} pages of ${approximateSize(heap.pageBytes)}`,
    '',
    `threads: ${busy.map(({ name, events: of }) => `${name} (${formatCount(of)})`).join(', ')}`,
    ...Object.entries(phases).map(([name, of]) => `  ${name.padEnd(16)} ${times(of)}`),
    ...faults.map(({ mutator, ...of }) => `faults of mutator ${mutator}: ${times(of)}`),
    ...waits.flatMap(({ mutator, stalls, paced }) => [
      ...(stalls.count > 0 ? [`stalls of mutator ${mutator}: ${times(stalls)}`] : []),
      ...(paced.count > 0 ? [`mutator ${mutator} paced: ${times(paced)}`] : []),
    ]),
    ...Object.entries(pages).map(
      ([role, { forwarded, published }]) =>
        `pages by a ${role}: ${formatCount(forwarded)} forwarded, ${formatCount(published)} published`,
    ),
    ...summary.longestPauses.map(
      ({ pause, cycle, atMs, us }) =>
        `${pause} of ${significant(us)} µs in collection ${cycle}, at ${significant(atMs)} ms`,
    ),
    `mutator utilisation, least in a window: ${mmu.map(({ windowMs, share }) => `${windowMs} ms ${(100 * share).toFixed(1)}%`).join(', ')}`,
    ...(storm
      ? [
          `after a flip: ${formatCount(stormFaults(storm) / storm.flips)} faults, at most ${storm.peakPerMs} in one ms; ` +
            `over after ${significant(storm.drainMs.p50)} ms (p50), ${significant(storm.drainMs.max)} ms at most`,
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

class Gathered {
  private readonly histogram: RecordableHistogram = createHistogram({ figures: 3 });
  private total = 0;

  add(ns: number): void {
    this.histogram.record(Math.max(1, Math.round(ns)));
    this.total += ns;
  }

  get times(): Times {
    const { count } = this.histogram;
    const us = (share: number) => (count === 0 ? 0 : this.histogram.percentile(share) / 1000);
    return { count, totalUs: this.total / 1000, p50Us: us(50), p99Us: us(99), maxUs: us(100) };
  }
}

function gathered(all: Map<number, Gathered>, kind: number): Gathered {
  const before = all.get(kind);
  if (before !== undefined) return before;
  const made = new Gathered();
  all.set(kind, made);
  return made;
}
