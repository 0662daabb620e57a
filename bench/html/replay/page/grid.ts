/** Pages of the heap on a canvas, one square each: only those that changed are painted. */
import { type Layout, layoutOf, layoutWith, leftOf, neighbour, pageAt, topOf } from '../layout.js';
import type { Grouping, Step, Timeline } from '../timeline.js';
import { cssColour, pixelsOf, toneOf, tones } from './palette.js';

/** A part of the heap: pages `first` … `first + count - 1`, with regions as in the heap. */
export interface Extent {
  readonly first: number;
  readonly count: number;
  readonly pagesPerRegion: number;
}

/** How far the rings' canvas reaches beyond the other on each side, CSS pixels; the style sheet says so too. */
const ringRoom = 10;

export interface Ring {
  readonly page: number;
  readonly colour: string;
  /** Distance from the square, CSS pixels: rings around the same page stand outside each other. */
  readonly distance: number;
}

export class PageGrid {
  grouping: Grouping = 'forwarder';
  #layout: Layout | undefined;
  #image: ImageData | undefined;
  #pixels: Uint32Array = new Uint32Array();
  #origins: Uint32Array = new Uint32Array();
  #palette: Uint32Array = new Uint32Array();
  #timeline: Timeline | undefined;
  #extent: Extent = { first: 0, count: 0, pagesPerRegion: 1 };

  /** `rings` lies over `canvas`, which shows the pages. `height` in CSS pixels is aimed at. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly rings: HTMLCanvasElement,
    private readonly height: number,
  ) {}

  /** What is shown from now on. The colours are read anew. */
  show(timeline: Timeline, extent: Extent, width: number): void {
    const ratio = devicePixelRatio;
    const { count, pagesPerRegion } = extent;
    this.#timeline = timeline;
    this.#extent = extent;
    this.#palette = pixelsOf(tones.map((tone) => `replay-${tone}`));
    // A square of one device pixel cannot be seen where pixels are small.
    const least = Math.max(1, Math.round(ratio));
    const fits = layoutOf(count, pagesPerRegion, Math.floor(width * ratio), Math.floor(this.height * ratio));
    const layout = fits.side >= least ? fits : layoutWith(least, count, pagesPerRegion, Math.floor(width * ratio));
    this.#layout = layout;
    for (const [canvas, edge] of [
      [this.canvas, 0],
      [this.rings, ringRoom],
    ] as const) {
      canvas.width = layout.width + 2 * edge * ratio;
      canvas.height = layout.height + 2 * edge * ratio;
      canvas.style.width = `${layout.width / ratio + 2 * edge}px`;
      canvas.style.height = `${layout.height / ratio + 2 * edge}px`;
    }
    this.#image = new ImageData(layout.width, layout.height);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    this.#origins = Uint32Array.from({ length: count }, (_, i) => topOf(layout, i) * layout.width + leftOf(layout, i));
    this.#paintGround();
    this.paintAll();
  }

  /** The page at a point of the canvas, CSS pixels from its corner. */
  pageAt(x: number, y: number): number | undefined {
    if (!this.#layout) return undefined;
    const at = pageAt(this.#layout, x * devicePixelRatio, y * devicePixelRatio);
    return at === undefined ? undefined : this.#extent.first + at;
  }

  /** The page beside another one. */
  neighbour(page: number, right: number, down: number): number {
    if (!this.#layout) return page;
    return this.#extent.first + neighbour(this.#layout, page - this.#extent.first, right, down);
  }

  /** Paints what a step changed. */
  paint({ leapt, from, to }: Step): void {
    if (!this.#timeline) return;
    if (leapt || to - from > this.#extent.count) {
      this.paintAll();
      return;
    }
    const { changed } = this.#timeline;
    const { first, count } = this.#extent;
    let top = this.canvas.height;
    let bottom = 0;
    for (let i = from; i < to; i++) {
      const at = changed[i] - first;
      if (at < 0 || at >= count) continue;
      const row = this.#paintPage(at);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row + this.#layout!.side);
    }
    this.#put(top, bottom);
  }

  paintAll(): void {
    for (let i = 0; i < this.#extent.count; i++) this.#paintPage(i);
    this.#put(0, this.canvas.height);
  }

  /** Draws rings around pages, and takes those away that were there. */
  ring(rings: readonly Ring[]): void {
    const context = this.rings.getContext('2d')!;
    const layout = this.#layout;
    context.clearRect(0, 0, this.rings.width, this.rings.height);
    if (!layout) return;
    const ratio = devicePixelRatio;
    const { first, count } = this.#extent;
    for (const { page, colour, distance } of rings) {
      if (page < first || page >= first + count) continue;
      // Around a tiny square a ring has to be larger than it.
      const room = Math.max(0, 7 * ratio - layout.painted) / 2 + distance * ratio;
      const x = ringRoom * ratio + leftOf(layout, page - first) - room;
      const y = ringRoom * ratio + topOf(layout, page - first) - room;
      const side = layout.painted + 2 * room;
      context.lineWidth = 4 * ratio;
      context.strokeStyle = cssColour('ground');
      context.strokeRect(x, y, side, side);
      context.lineWidth = 2 * ratio;
      context.strokeStyle = colour;
      context.strokeRect(x, y, side, side);
    }
  }

  /** Returns the row of pixels in which the square begins. */
  #paintPage(at: number): number {
    const { painted, width } = this.#layout!;
    const colour = this.#palette[toneOf(this.#timeline!, this.grouping, this.#extent.first + at)];
    const origin = this.#origins[at];
    // Loops, because a call of fill() takes longer than the few pixels of a square.
    for (let row = 0, start = origin; row < painted; row++, start += width) {
      for (let i = start; i < start + painted; i++) this.#pixels[i] = colour;
    }
    return Math.floor(origin / width);
  }

  /** Frames of regions; what is neither square nor frame shows the ground. */
  #paintGround(): void {
    const { border, stepX, stepY, columns, width } = this.#layout!;
    const [ground, frame] = pixelsOf(['ground', 'replay-frame']);
    this.#pixels.fill(ground);
    const regions = Math.ceil(this.#extent.count / this.#extent.pagesPerRegion);
    for (let region = 0; region < regions; region++) {
      const left = (region % columns) * stepX;
      const top = Math.floor(region / columns) * stepY;
      for (let y = top; y < top + stepY + border; y++) {
        const row = y * width + left;
        const isEdge = y < top + border || y >= top + stepY;
        this.#pixels.fill(frame, row, row + (isEdge ? stepX + border : border));
        this.#pixels.fill(frame, row + stepX, row + stepX + border);
      }
    }
  }

  #put(top: number, bottom: number): void {
    if (bottom <= top) return;
    this.canvas.getContext('2d')!.putImageData(this.#image!, 0, 0, 0, top, this.canvas.width, bottom - top);
  }
}
