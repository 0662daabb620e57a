/** When mutators did not run, and why: the bars of the band below the slider. */
import { type CycleTables, type Lane, pauseNames, phaseNames, WaitKind } from './data.js';
import { upperBound } from './timeline.js';

/** Why a mutator did not run. Where two hold at once, the later one of this list is shown. */
export const waitNames = ['pace', 'stall', 'server', 'self', 'other', 'pause'] as const;
export type WaitName = (typeof waitNames)[number];

/** One wait, ns since the flip began. */
export interface Wait {
  readonly begin: number;
  readonly end: number;
  readonly name: WaitName;
  /** Page it waited for; undefined where it was none. */
  readonly page: number | undefined;
}

const waitOfKind: Readonly<Record<number, WaitName>> = {
  [WaitKind.STALL]: 'stall',
  [WaitKind.PACE]: 'pace',
  [WaitKind.STOOD]: 'pause',
};

/** Which faults, by row, were for a page that somebody else was at: whoever served them neither forwarded nor published it. */
export function servedByOthers({ forwards, publishes, faults }: CycleTables): boolean[] {
  const serving = new Set(faults.lane);
  const own = new Set<string>();
  for (const { lane, page } of [forwards, publishes]) {
    for (let i = 0; i < page.length; i++) if (serving.has(lane[i])) own.add(`${lane[i]} ${page[i]}`);
  }
  return Array.from(faults.page, (page, row) => !own.has(`${faults.lane[row]} ${page}`));
}

/** The waits of one mutator, given as its lane, by their begin. Pauses are everybody's. */
export function waitsOf(tables: CycleTables, lanes: readonly Lane[], mutator: number): Wait[] {
  const { faults, waits, phases } = tables;
  const others = servedByOthers(tables);
  const found: Wait[] = [];
  const add = (begin: number, duration: number, name: WaitName, page?: number) =>
    found.push({ begin, end: begin + duration, name, page });
  for (let i = 0; i < faults.page.length; i++) {
    if (faults.mutator[i] !== mutator) continue;
    const name = lanes[faults.lane[i]].role === 'mutator' ? 'self' : 'server';
    add(faults.begin[i], faults.duration[i], others[i] ? 'other' : name, faults.page[i]);
  }
  for (let i = 0; i < waits.kind.length; i++) {
    if (waits.lane[i] !== mutator) continue;
    add(waits.begin[i], waits.duration[i], waitOfKind[waits.kind[i]]);
  }
  for (let i = 0; i < phases.kind.length; i++) {
    if (pauseNames.includes(phaseNames[phases.kind[i]])) add(phases.begin[i], phases.duration[i], 'pause');
  }
  return found.sort((a, b) => a.begin - b.begin);
}

/** Share of each of `columns` equal stretches between two times that waits of one name take, 0 … 1. */
export function sharesOf(
  waits: readonly Wait[],
  name: WaitName,
  from: number,
  to: number,
  columns: number,
): Float64Array {
  const shares = new Float64Array(columns);
  const length = (to - from) / columns;
  for (const wait of waits) {
    if (wait.name !== name) continue;
    const begin = Math.max(0, (wait.begin - from) / length);
    const end = Math.min(columns, (wait.end - from) / length);
    for (let column = Math.floor(begin); column < end; column++) {
      shares[column] += Math.min(end, column + 1) - Math.max(begin, column);
    }
  }
  return shares.map((share) => Math.min(1, share));
}

/** The waits that hold at a time. */
export function waitingAt(waits: readonly Wait[], time: number): Wait[] {
  return waits.filter(({ begin, end }) => begin <= time && time < end);
}

/** The faults, as rows of their table, that took longest. */
export function longestFaults({ faults }: CycleTables, most: number): number[] {
  const rows = Array.from(faults.duration.keys()).filter((row) => faults.begin[row] >= 0);
  return rows.sort((a, b) => faults.duration[b] - faults.duration[a]).slice(0, most);
}

/** Faults that began in each of `columns` equal stretches between two times, as a rate in a millisecond. */
export function faultRates({ faults }: CycleTables, from: number, to: number, columns: number): Float64Array {
  const begins = faults.begin.slice().sort();
  const length = (to - from) / columns;
  const before = Float64Array.from({ length: columns + 1 }, (_, i) => upperBound(begins, from + i * length));
  return Float64Array.from({ length: columns }, (_, i) => ((before[i + 1] - before[i]) * 1e6) / length);
}
