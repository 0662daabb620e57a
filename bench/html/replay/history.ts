/** What happened to one page in a cycle, in words. */
import { formatDuration } from '../../sizes.js';
import type { CycleTables, Lane } from './data.js';
import { servedByOthers } from './waits.js';

/** Something that happened to a page. */
export interface Episode {
  /** ns since the flip began. */
  readonly at: number;
  readonly text: string;
  /** Lane of the thread that did it. */
  readonly lane: number;
  /** Whether a mutator waited. */
  readonly waited: boolean;
}

const howWritten = [
  'built from evacuated objects',
  'its references updated in place',
  'left as it was: nothing in it was stale',
] as const;

/** ns as people read them. */
export function spanText(ns: number): string {
  return formatDuration(ns / 1e6);
}

/** A time since the flip, to the microsecond: what happens to a page is often closer together than a rounded ms. */
export function momentText(ns: number): string {
  const text = `${(Math.abs(ns) / 1e6).toFixed(3)} ms`;
  return ns < 0 ? `−${text}` : text;
}

/** Everything that happened to `page`, by time. */
export function episodesOf(tables: CycleTables, lanes: readonly Lane[], page: number): Episode[] {
  const { forwards, publishes, faults } = tables;
  const episodes: Episode[] = [];
  const add = (at: number, lane: number, text: string, waited = false) => episodes.push({ at, lane, text, waited });
  const others = servedByOthers(tables);
  let ready: number | undefined;
  for (let i = 0; i < forwards.page.length; i++) {
    if (forwards.page[i] !== page) continue;
    const { name } = lanes[forwards.lane[i]];
    ready = forwards.begin[i] + forwards.duration[i];
    add(forwards.begin[i], forwards.lane[i], `claimed by ${name}`);
    add(ready, forwards.lane[i], `ready after ${spanText(forwards.duration[i])}: ${howWritten[forwards.how[i]]}`);
  }
  for (let i = 0; i < publishes.page.length; i++) {
    const first = publishes.page[i];
    const count = publishes.count[i];
    if (page < first || page >= first + count) continue;
    const { name } = lanes[publishes.lane[i]];
    const end = publishes.begin[i] + publishes.duration[i];
    const others = count === 1 ? '' : ` in one call with ${count - 1} other${count === 2 ? '' : 's'}`;
    const after =
      ready === undefined || publishes.ahead[i] ? '' : `, ${spanText(Math.max(0, end - ready))} after it was ready`;
    const what = `${publishes.ahead[i] ? 'mapped ahead of the flip' : 'published'}${count === 1 ? ' on its own' : ''}`;
    add(end, publishes.lane[i], `${what} by ${name}${others} (${spanText(publishes.duration[i])})${after}`);
  }
  for (let i = 0; i < faults.page.length; i++) {
    if (faults.page[i] !== page) continue;
    const who = lanes[faults.mutator[i]].name;
    const served = others[i] ? othersWritten(tables, lanes, i) : ownWritten(tables, lanes, i);
    const text = `${who} touched it and faulted: ${served}, a wait of ${spanText(faults.duration[i])}`;
    add(faults.begin[i], faults.mutator[i], text, true);
  }
  return episodes.sort((a, b) => a.at - b.at);
}

function ownWritten({ faults }: CycleTables, lanes: readonly Lane[], row: number): string {
  if (faults.lane[row] === faults.mutator[row]) return 'it saw to the page itself, in its signal handler';
  return `${lanes[faults.lane[row]].name} saw to the page`;
}

function othersWritten({ faults }: CycleTables, lanes: readonly Lane[], row: number): string {
  if (faults.lane[row] === faults.mutator[row]) return 'in its signal handler it waited for whoever was at the page';
  return `${lanes[faults.lane[row]].name} left it to whoever was at the page`;
}
