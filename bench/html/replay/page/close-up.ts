/** A short stretch of time around the slider, with every thread in a lane of its own: who does what to which page. */
import type { CycleTables, Lane } from '../data.js';
import { spanText } from '../history.js';
import { upperBound } from '../timeline.js';
import type { Wait, WaitName } from '../waits.js';
import { cssColour } from './palette.js';
import { fitted, roundTimes } from './tracks.js';

const rowHeight = 22;
const axisRoom = 18;
const leastWidthWithText = 30;

const waitTexts: Readonly<Record<WaitName, string>> = {
  ...{ pace: 'held back', stall: 'waits for memory', server: '', self: '', other: '', pause: 'pause' },
};

interface Box {
  readonly x: number;
  readonly width: number;
  readonly row: number;
  readonly page: number;
}

/** Rows of a table that belong to a lane: they stand together, sorted by begin. */
interface LaneRows {
  readonly from: number;
  readonly begins: Float64Array;
  /** No row lasts longer, so that none that reaches into a stretch is missed. */
  readonly longest: number;
}

function rowsOfLane(
  table: { lane: Float64Array; begin: Float64Array; duration: Float64Array },
  lane: number,
): LaneRows {
  const from = upperBound(table.lane, lane - 1);
  const to = upperBound(table.lane, lane);
  const longest = table.duration.subarray(from, to).reduce((a, b) => Math.max(a, b), 0);
  return { from, begins: table.begin.subarray(from, to), longest };
}

/** Calls back with the rows that lie in a stretch. */
function eachRow({ from, begins, longest }: LaneRows, begin: number, end: number, visit: (row: number) => void): void {
  for (let i = upperBound(begins, begin - longest); i < begins.length && begins[i] <= end; i++) visit(from + i);
}

export class CloseUp {
  #boxes: Box[] = [];
  readonly #forwards: LaneRows[];
  readonly #publishes: LaneRows[];
  readonly #shown: number[];

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly tables: CycleTables,
    private readonly lanes: readonly Lane[],
    /** Waits by lane; empty for threads that are no mutators. */
    private readonly waits: readonly (readonly Wait[])[],
  ) {
    this.#forwards = lanes.map((_, lane) => rowsOfLane(tables.forwards, lane));
    this.#publishes = lanes.map((_, lane) => rowsOfLane(tables.publishes, lane));
    const works = (lane: number) => this.#forwards[lane].begins.length + this.#publishes[lane].begins.length > 0;
    this.#shown = lanes.flatMap(({ role }, lane) => (role === 'mutator' || works(lane) ? [lane] : []));
  }

  /** Names of the lanes, in the order of the rows. */
  get names(): string[] {
    return this.#shown.map((lane) => this.lanes[lane].name);
  }

  /** Draws `lengthNs` of time around `time`. */
  draw(width: number, time: number, lengthNs: number): void {
    const context = fitted(this.canvas, width, this.#shown.length * rowHeight + axisRoom);
    const from = time - lengthNs / 2;
    const scale = width / lengthNs;
    const x = (at: number) => (at - from) * scale;
    this.#boxes = [];
    for (const [row, lane] of this.#shown.entries()) {
      const top = row * rowHeight;
      const { role } = this.lanes[lane];
      context.fillStyle = cssColour(role === 'mutator' ? 'replay-running' : 'panel');
      context.fillRect(0, top + 1, width, rowHeight - 2);
      const box = (
        begin: number,
        duration: number,
        colour: string,
        page: number,
        texts: readonly string[],
        inset = 2,
      ) => {
        const left = Math.max(-1, x(begin));
        const right = Math.min(width + 1, x(begin + duration));
        context.fillStyle = colour;
        context.fillRect(left, top + inset, Math.max(1, right - left - 0.5), rowHeight - 2 * inset);
        if (page >= 0) this.#boxes.push({ x: left, width: Math.max(3, right - left), row, page });
        if (right - left < leastWidthWithText) return;
        const text = texts.find((one) => context.measureText(one).width <= right - left - 6);
        if (text === undefined) return;
        context.fillStyle = cssColour('replay-on-tone');
        context.fillText(text, left + 3, top + rowHeight / 2 + 4);
      };
      const end = from + lengthNs;
      for (const { begin, end: until, name, page } of this.waits[lane]) {
        if (until < from || begin > end) continue;
        const texts = page === undefined ? [waitTexts[name]] : [`waits for page ${page}`, `page ${page}`, String(page)];
        box(begin, until - begin, cssColour(`replay-wait-${name}`), page ?? -1, texts, 1);
      }
      const tone = cssColour(`replay-${role}`);
      eachRow(this.#forwards[lane], from, end, (i) => {
        const { begin, duration, page } = this.tables.forwards;
        // A mutator's own work is inside its wait.
        box(begin[i], duration[i], tone, page[i], [`page ${page[i]}`, String(page[i])], role === 'mutator' ? 6 : 2);
      });
      eachRow(this.#publishes[lane], from, end, (i) => {
        const { begin, duration, page, count } = this.tables.publishes;
        box(
          begin[i],
          duration[i],
          cssColour('replay-publish'),
          page[i],
          [`publishes ${count[i]}`, String(count[i])],
          role === 'mutator' ? 6 : 2,
        );
      });
    }
    this.#drawAxis(context, width, time, lengthNs);
  }

  /** The page of the box at a point, CSS pixels. */
  pageAt(x: number, y: number): number | undefined {
    const row = Math.floor(y / rowHeight);
    return this.#boxes.findLast((box) => box.row === row && x >= box.x && x <= box.x + box.width)?.page;
  }

  #drawAxis(context: CanvasRenderingContext2D, width: number, time: number, lengthNs: number): void {
    const bottom = this.#shown.length * rowHeight;
    context.fillStyle = cssColour('faint');
    for (const at of roundTimes(-lengthNs / 2, lengthNs / 2, width)) {
      const text = at === 0 ? spanText(Math.max(0, time)) : `${at > 0 ? '+' : '−'}${spanText(Math.abs(at))}`;
      const middle = ((at + lengthNs / 2) / lengthNs) * width;
      const half = context.measureText(text).width / 2;
      context.fillText(text, Math.min(width - 2 * half, Math.max(0, middle - half)), bottom + 14);
    }
    context.fillStyle = cssColour('ink');
    context.fillRect(width / 2 - 0.75, 0, 1.5, bottom);
  }
}
