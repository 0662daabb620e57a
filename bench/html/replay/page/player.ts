/** Plays a cycle: the time, and everything that is drawn when it changes. */
import type { CycleTables, ReplayHead } from '../data.js';
import { spanText } from '../history.js';
import { type Grouping, Timeline } from '../timeline.js';
import { longestFaults, type Wait, waitingAt, waitsOf } from '../waits.js';
import { CloseUp } from './close-up.js';
import { PageGrid, type Ring } from './grid.js';
import { countPages, sentenceAt, showLegend } from './legend.js';
import { PagePanel } from './page-panel.js';
import { cssColour, forgetColours } from './palette.js';
import { elementOf, fillChoice, partOf } from './parts.js';
import { drawAxis, drawCurve, drawLane, mutatorLanes } from './tracks.js';
import { unpacked } from './unpack.js';

const gridHeight = 640;
const waitsListed = 5;
/** Half the slider's handle: so far the ends of its way are from its own. */
const inset = 8;
/** A cycle is first shown where something is under way. */
const firstShown = 0.3;

/** A cycle as it is being played. */
interface Shown {
  readonly head: ReplayHead;
  readonly tables: CycleTables;
  readonly timeline: Timeline;
  readonly spanNs: number;
  /** Waits by lane, empty for those that are no mutators. */
  readonly waits: readonly (readonly Wait[])[];
  readonly closeUp: CloseUp;
}

export class Player {
  #shown: Shown | undefined;
  /** The element of the cycle that was chosen last. */
  #wanted = '';
  #time = 0;
  #playing = false;
  #frame = 0;
  #lastFrame = 0;
  readonly #grid: PageGrid;
  readonly #panel: PagePanel;
  readonly #slider: HTMLInputElement;

  constructor(
    private readonly root: HTMLElement,
    private readonly heads: readonly ReplayHead[],
  ) {
    this.#grid = new PageGrid(this.#canvas('grid'), this.#canvas('rings'), gridHeight);
    this.#panel = new PagePanel(root, (time) => this.#goTo(time));
    this.#slider = partOf<HTMLInputElement>(root, 'slider');
    this.#wire();
    const recording = this.#choice('recording');
    fillChoice(
      recording,
      heads.map(({ title }) => title),
    );
    partOf(root, 'recording-label').hidden = heads.length < 2;
    recording.addEventListener('change', () => this.#chooseRecording());
    this.#choice('cycle').addEventListener('change', () => void this.#load());
    this.#chooseRecording();
  }

  /** Draws everything anew: the theme or the width is another. */
  redraw(): void {
    const shown = this.#shown;
    if (!shown) return;
    forgetColours();
    const { head, timeline } = shown;
    const box = partOf(this.root, 'grid-box');
    this.#grid.grouping = this.#grouping();
    this.#panel.lens.grouping = this.#grouping();
    const extent = { first: 0, count: head.pages, pagesPerRegion: head.pagesPerRegion };
    this.#grid.show(timeline, extent, box.clientWidth);
    this.#panel.reset();
    this.#drawTracks(shown);
    showLegend(this.root, shown, this.#grouping());
    timeline.seek(this.#time);
    this.#pick(this.#panel.page);
    this.#draw();
  }

  #canvas(name: string): HTMLCanvasElement {
    return partOf<HTMLCanvasElement>(this.root, name);
  }

  #choice(name: string): HTMLSelectElement {
    return partOf<HTMLSelectElement>(this.root, name);
  }

  #grouping(): Grouping {
    return this.#choice('grouping').value as Grouping;
  }

  #head(): ReplayHead {
    return this.heads[Number(this.#choice('recording').value)];
  }

  #chooseRecording(): void {
    const texts = this.#head().cycles.map(({ cycle, spanNs, faults, why }) => {
      const what = [spanText(spanNs), `${faults.toLocaleString('en-US')} faults`, ...why];
      return `cycle ${cycle}: ${what.join(', ')}`;
    });
    fillChoice(this.#choice('cycle'), texts);
    // The one in which most happened to mutators.
    const faults = this.#head().cycles.map((cycle) => cycle.faults);
    this.#choice('cycle').value = String(faults.indexOf(Math.max(...faults)));
    void this.#load();
  }

  async #load(): Promise<void> {
    this.#stop();
    const head = this.#head();
    const chosen = head.cycles[Number(this.#choice('cycle').value)];
    this.root.dataset.loaded = '';
    this.#wanted = chosen.element;
    const tables = await unpacked(chosen.element);
    if (this.#wanted !== chosen.element) return; // another one was chosen meanwhile
    const { lanes } = head;
    const timeline = new Timeline(tables, head.pages, lanes);
    const waits = lanes.map(({ role }, lane) => (role === 'mutator' ? waitsOf(tables, lanes, lane) : []));
    const closeUp = new CloseUp(this.#canvas('close-up'), tables, lanes, waits);
    this.#shown = { head, tables, timeline, spanNs: chosen.spanNs, waits, closeUp };
    this.#slider.max = String(chosen.spanNs / 1000);
    this.#slider.step = String(chosen.spanNs / 1000 / 2000);
    const longest = longestFaults(tables, waitsListed);
    this.#panel.page = tables.faults.page[longest[0]] ?? tables.forwards.page[0] ?? 0;
    this.#listWaits(longest);
    this.#time = chosen.spanNs * firstShown;
    this.#shown.timeline.seek(this.#time);
    partOf<HTMLInputElement>(this.root, 'page-number').max = String(head.pages - 1);
    this.redraw();
    this.root.dataset.loaded = String(chosen.cycle);
  }

  #listWaits(rows: readonly number[]): void {
    const { tables, head } = this.#shown!;
    const { faults } = tables;
    const items = rows.map((row) => {
      const mutator = head.lanes[faults.mutator[row]].name;
      const button = elementOf('button', `page ${faults.page[row].toLocaleString('en-US')}`);
      button.type = 'button';
      button.addEventListener('click', () => {
        this.#pick(faults.page[row]);
        this.#goTo(faults.begin[row] + faults.duration[row] / 2);
      });
      const item = elementOf('li', `${spanText(faults.duration[row])}, ${mutator}, `);
      item.append(button);
      return item;
    });
    partOf(this.root, 'waits').replaceChildren(...items);
    partOf(this.root, 'waits-box').hidden = items.length === 0;
  }

  #wire(): void {
    const { root } = this;
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#goTo(Number(this.#slider.value) * 1000);
    });
    partOf(root, 'play').addEventListener('click', () => (this.#playing ? this.#stop() : this.#play()));
    partOf(root, 'begin').addEventListener('click', () => this.#goTo(0));
    this.#choice('grouping').addEventListener('change', () => this.redraw());
    partOf(root, 'close-up-length').addEventListener('change', () => this.#draw());
    for (const [canvas, grid] of [
      [this.#canvas('grid'), this.#grid],
      [this.#panel.lensCanvas, this.#panel.lens],
    ] as const) {
      canvas.addEventListener('click', (event) => this.#pick(grid.pageAt(event.offsetX, event.offsetY)));
      canvas.addEventListener('keydown', (event) => this.#key(event, grid));
    }
    const closeUp = this.#canvas('close-up');
    closeUp.addEventListener('click', ({ offsetX, offsetY }) =>
      this.#pick(this.#shown?.closeUp.pageAt(offsetX, offsetY)),
    );
    const number = partOf<HTMLInputElement>(root, 'page-number');
    number.addEventListener('change', () => this.#pick(Number(number.value)));
    partOf(root, 'lanes').addEventListener('click', (event) => {
      const { left, width } = partOf(root, 'lanes').getBoundingClientRect();
      this.#goTo((((event as MouseEvent).clientX - left - inset) / (width - 2 * inset)) * (this.#shown?.spanNs ?? 0));
    });
    let width = 0;
    new ResizeObserver(() => {
      if (root.clientWidth === width) return;
      width = root.clientWidth;
      this.redraw();
    }).observe(root);
  }

  #key(event: KeyboardEvent, grid: PageGrid): void {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
    };
    const { page } = this.#panel;
    const regions: Readonly<Record<string, number>> = { PageUp: -1, PageDown: 1 };
    if (event.key in moves) this.#pick(grid.neighbour(page, ...moves[event.key]));
    else if (event.key in regions) this.#pick(page + regions[event.key] * (this.#shown?.head.pagesPerRegion ?? 0));
    else return;
    event.preventDefault();
  }

  #pick(page: number | undefined): void {
    const shown = this.#shown;
    if (!shown || page === undefined || !(page >= 0 && page < shown.head.pages)) return;
    this.#panel.show(page, shown.head, shown.tables, shown.timeline);
    this.root.dataset.page = String(page);
    this.#draw();
  }

  #play(): void {
    if (!this.#shown) return;
    if (this.#time >= this.#shown.spanNs) this.#goTo(0);
    this.#playing = true;
    partOf(this.root, 'play').textContent = 'Pause';
    this.#lastFrame = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#next(now));
  }

  #stop(): void {
    this.#playing = false;
    cancelAnimationFrame(this.#frame);
    partOf(this.root, 'play').textContent = 'Play';
  }

  #next(now: number): void {
    if (!this.#shown || !this.#playing) return;
    const slower = Number(this.#choice('speed').value);
    this.#goTo(this.#time + (Math.max(0, now - this.#lastFrame) * 1e6) / slower);
    this.#lastFrame = now;
    if (this.#time >= this.#shown.spanNs) this.#stop();
    else this.#frame = requestAnimationFrame((next) => this.#next(next));
  }

  #goTo(time: number): void {
    const shown = this.#shown;
    if (!shown) return;
    this.#time = Math.min(shown.spanNs, Math.max(0, time));
    this.#grid.paint(shown.timeline.seek(this.#time));
    this.#draw();
  }

  /** What depends on the time, but for the grid. */
  #draw(): void {
    const shown = this.#shown;
    if (!shown) return;
    const { head, timeline, waits, spanNs, closeUp } = shown;
    this.#slider.value = String(this.#time / 1000);
    this.#slider.setAttribute('aria-valuetext', `${spanText(this.#time)} after the flip`);
    const lanes = partOf(this.root, 'lanes');
    partOf(this.root, 'playhead').style.left = `${inset + (this.#time / spanNs) * (lanes.clientWidth - 2 * inset)}px`;
    const waiting = waits.flatMap((of, lane) => waitingAt(of, this.#time).map((wait) => ({ ...wait, lane })));
    const onPages = waiting.filter(({ page }) => page !== undefined);
    const rings: Ring[] = onPages.map(({ page, name }) => {
      return { page: page!, colour: cssColour(`replay-wait-${name}`), distance: 0 };
    });
    rings.push({ page: this.#panel.page, colour: cssColour('ink'), distance: 3 });
    this.#grid.ring(rings);
    this.#panel.lens.ring(rings);
    this.#panel.tick(timeline, this.#time);
    countPages(this.root, timeline);
    const says = onPages.map(({ lane, page, begin }) => {
      const sofar = spanText(this.#time - begin);
      return `${head.lanes[lane].name} has waited ${sofar} for page ${page!.toLocaleString('en-US')}`;
    });
    partOf(this.root, 'now').textContent = sentenceAt(this.#time, timeline, says);
    const length = Number(this.#choice('close-up-length').value);
    closeUp.draw(partOf(this.root, 'close-up-box').clientWidth, this.#time, length);
  }

  #drawTracks({ head, tables, spanNs, waits, closeUp }: Shown): void {
    const lanes = partOf(this.root, 'lanes');
    const width = lanes.clientWidth - 2 * inset;
    drawAxis(this.#canvas('axis'), width, spanNs);
    const most = drawCurve(this.#canvas('curve'), width, tables, spanNs);
    const peak = most > 0 ? `at most ${Math.round(most).toLocaleString('en-US')}` : 'none';
    partOf(this.root, 'curve-label').textContent = `faults in a ms, ${peak}`;
    const mutators = mutatorLanes(head.lanes);
    const labels = mutators.map((lane) => elementOf('div', head.lanes[lane].name, 'lane-label'));
    const canvases = mutators.map((lane) => {
      const canvas = elementOf('canvas');
      drawLane(canvas, width, waits[lane], spanNs);
      return canvas;
    });
    partOf(this.root, 'lane-labels').replaceChildren(...labels);
    partOf(this.root, 'lane-canvases').replaceChildren(...canvases);
    const names = closeUp.names.map((name) => elementOf('div', name, 'row-label'));
    partOf(this.root, 'close-up-labels').replaceChildren(...names);
  }
}
