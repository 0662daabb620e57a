/** The page that was picked: its region magnified, its state, and what happened to it. */
import type { CycleTables, ReplayHead } from '../data.js';
import { type Episode, episodesOf, momentText } from '../history.js';
import { Phase, type Timeline } from '../timeline.js';
import { PageGrid } from './grid.js';
import { elementOf, partOf } from './parts.js';

const lensWidth = 240;

const states: readonly string[] = [
  'Nothing in it is stale, or nobody can reach it any more: it was not forwarded in this cycle.',
  'Stale: nobody has come to it yet.',
  'Claimed: somebody is forwarding it.',
  'Ready: forwarded, and not visible yet.',
  'Published: mutators see it.',
  'Mapped ahead: nothing in it was stale, so it was put into the new view before the flip.',
];

export class PagePanel {
  readonly lens: PageGrid;
  readonly lensCanvas: HTMLCanvasElement;
  #episodes: Episode[] = [];
  #region = -1;
  page = 0;

  constructor(
    private readonly root: HTMLElement,
    private readonly onMoment: (time: number) => void,
  ) {
    this.lensCanvas = partOf<HTMLCanvasElement>(root, 'lens');
    this.lens = new PageGrid(this.lensCanvas, partOf<HTMLCanvasElement>(root, 'lens-rings'), lensWidth);
  }

  /** Another cycle, or other colours: the region is drawn anew with the next page. */
  reset(): void {
    this.#region = -1;
  }

  show(page: number, head: ReplayHead, tables: CycleTables, timeline: Timeline): void {
    const { pagesPerRegion, pages, pageBytes, lanes } = head;
    this.page = page;
    const region = Math.floor(page / pagesPerRegion);
    if (region !== this.#region) {
      const first = region * pagesPerRegion;
      const count = Math.min(pagesPerRegion, pages - first);
      this.lens.show(timeline, { first, count, pagesPerRegion }, lensWidth);
      this.#region = region;
    }
    this.#episodes = episodesOf(tables, lanes, page);
    partOf(this.root, 'page-title').textContent = `Page ${page.toLocaleString('en-US')}`;
    partOf(this.root, 'page-place').textContent =
      `Region ${region.toLocaleString('en-US')}, heap offset ${(page * pageBytes).toLocaleString('en-US')}`;
    partOf<HTMLInputElement>(this.root, 'page-number').value = String(page);
    const list = this.#episodes.map((episode, i) => {
      const role = episode.waited ? 'wait' : lanes[episode.lane].role;
      const item = elementOf('li', '', `episode ${role}`);
      const moment = elementOf('button', momentText(episode.at));
      moment.type = 'button';
      moment.title = 'Show this moment';
      moment.addEventListener('click', () => this.onMoment(this.#episodes[i].at));
      item.append(moment, elementOf('span', episode.text));
      return item;
    });
    partOf(this.root, 'history').replaceChildren(...list);
    partOf(this.root, 'no-history').hidden = list.length > 0;
    this.tick(timeline, Number.NaN);
  }

  /** The slider has moved to `time`. */
  tick(timeline: Timeline, time: number): void {
    this.lens.paintAll();
    const phase = timeline.phases[this.page];
    partOf(this.root, 'page-state').textContent = states[phase];
    partOf(this.root, 'page-state').dataset.phase = Object.keys(Phase)[phase];
    if (Number.isNaN(time)) return;
    for (const [i, item] of [...partOf(this.root, 'history').children].entries()) {
      item.classList.toggle('past', this.#episodes[i].at <= time);
    }
  }
}
