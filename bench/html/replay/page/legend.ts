/** The legend with its counts, and the same in a sentence. */
import { momentText } from '../history.js';
import { type Grouping, Phase, roles, type Timeline } from '../timeline.js';
import type { Wait } from '../waits.js';

/** Counts of one state or one value of a grouping, as the section's `data-count` names it. */
function countOf(timeline: Timeline, { dataset }: HTMLElement): number {
  const [of, value] = (dataset.count ?? '').split(':');
  return of === 'phase' ? timeline.count(Number(value)) : timeline.published(of as Grouping, Number(value));
}

/** Writes how many pages there are of each kind at the present time. */
export function countPages(root: HTMLElement, timeline: Timeline): void {
  for (const item of root.querySelectorAll<HTMLElement>('[data-count]')) {
    item.textContent = countOf(timeline, item).toLocaleString('en-US');
  }
}

/** Explains what there is in a cycle, by the colouring that was chosen. Leaves the timeline at its end. */
export function showLegend(
  root: HTMLElement,
  { timeline, waits, spanNs }: { timeline: Timeline; waits: readonly (readonly Wait[])[]; spanNs: number },
  grouping: Grouping,
): void {
  const within = waits.flat().filter(({ begin, end }) => end > 0 && begin < spanNs);
  const names = new Set<string>(within.map(({ name }) => `wait-${name}`));
  for (const item of root.querySelectorAll<HTMLElement>('[data-wait^=wait-]')) {
    item.hidden = !names.has(item.dataset.wait ?? '');
  }
  timeline.seek(Number.POSITIVE_INFINITY);
  for (const item of root.querySelectorAll<HTMLElement>('[data-count]')) {
    // At the end nothing is left in the states that pages pass through.
    const isPassing = item.dataset.count?.startsWith('phase') && item.dataset.count !== `phase:${Phase.AHEAD}`;
    item.parentElement!.hidden = !isPassing && countOf(timeline, item) === 0;
  }
  for (const list of root.querySelectorAll<HTMLElement>('[data-grouping]')) {
    list.hidden = list.dataset.grouping !== grouping;
  }
}

/** The present time in words; `waiting` says what mutators wait for. */
export function sentenceAt(time: number, timeline: Timeline, waiting: readonly string[]): string {
  const left = timeline.count(Phase.RAW) + timeline.count(Phase.CLAIMED) + timeline.count(Phase.READY);
  const published = timeline.count(Phase.PUBLISHED);
  const all = left + published;
  const share = all === 0 ? '' : ` (${Math.floor((100 * published) / all)}%)`;
  const text = (count: number) => count.toLocaleString('en-US');
  const by = (role: (typeof roles)[number]) => timeline.published('publisher', roles.indexOf(role));
  const done = `${momentText(time)} after the flip, ${text(published)} of ${text(all)} stale pages are published${share}.`;
  const who = `${text(by('worker') + by('collector'))} of them in bulk, ${text(by('server') + by('mutator'))} because a mutator wanted them; ${text(left)} are left.`;
  return `${done} ${who}${waiting.length > 0 ? ` At this moment ${waiting.join(', and ')}.` : ''}`;
}
