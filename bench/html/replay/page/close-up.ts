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

/** A stretch of a lane: colours as custom properties, texts the longest first. */
interface Piece {
  readonly begin: number;
  readonly duration: number;
  readonly tone: string;
  readonly ink: string;
  readonly page: number | undefined;
  readonly texts: readonly string[];
  readonly inset: number;
}

/** Where a page can be clicked, CSS pixels. */
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
    this.#boxes = [];
    for (const [row, lane] of this.#shown.entries()) {
      const top = row * rowHeight;
      context.fillStyle = cssColour(this.lanes[lane].role === 'mutator' ? 'replay-running' : 'panel');
      context.fillRect(0, top + 1, width, rowHeight - 2);
      for (const { begin, duration, tone, ink, page, texts, inset } of this.#piecesOf(lane, from, from + lengthNs)) {
        const left = Math.max(-1, (begin - from) * scale);
        const room = Math.min(width + 1, (begin + duration - from) * scale) - left;
        context.fillStyle = cssColour(tone);
        context.fillRect(left, top + inset, Math.max(1, room - 0.5), rowHeight - 2 * inset);
        if (page !== undefined) this.#boxes.push({ x: left, width: Math.max(3, room), row, page });
        const text =
          room < leastWidthWithText ? undefined : texts.find((one) => context.measureText(one).width <= room - 6);
        if (text === undefined) continue;
        context.fillStyle = cssColour(ink);
        context.fillText(text, left + 3, top + rowHeight / 2 + 4);
      }
    }
    this.#drawAxis(context, width, time, lengthNs);
  }

  /** What a lane shows of a stretch of time, from the back to the front. */
  #piecesOf(lane: number, from: number, to: number): Piece[] {
    const { role } = this.lanes[lane];
    const pieces: Piece[] = [];
    for (const { begin, end, name, page } of this.waits[lane]) {
      if (end < from || begin > to) continue;
      const texts = page === undefined ? [waitTexts[name]] : [`waits for page ${page}`, `page ${page}`, String(page)];
      const ink = name === 'pace' || name === 'stall' ? 'replay-on-bright' : 'replay-on-tone';
      pieces.push({ begin, duration: end - begin, tone: `replay-wait-${name}`, ink, page, texts, inset: 1 });
    }
    // A mutator's own work is inside its wait.
    const base = { ink: 'replay-on-tone', inset: role === 'mutator' ? 6 : 2 };
    eachRow(this.#forwards[lane], from, to, (i) => {
      const { begin, duration, page } = this.tables.forwards;
      const texts = [`page ${page[i]}`, String(page[i])];
      pieces.push({ ...base, begin: begin[i], duration: duration[i], tone: `replay-${role}`, page: page[i], texts });
    });
    eachRow(this.#publishes[lane], from, to, (i) => {
      const { begin, duration, page, count } = this.tables.publishes;
      const texts = [`publishes ${count[i]}`, String(count[i])];
      pieces.push({ ...base, begin: begin[i], duration: duration[i], tone: 'replay-publish', page: page[i], texts });
    });
    return pieces;
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
