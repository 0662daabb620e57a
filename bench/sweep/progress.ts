/** Live progress: one line redrawn on a terminal, one line an invocation elsewhere. Always on standard error. */
import { printable } from '../printable.js';
import { formatDuration } from '../sizes.js';

/** Where progress goes: standard error, or a test's own. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Redraws closer together than this are skipped, ms. */
const leastGapMs = 100;
const clearLine = '\r\u001b[K';
const barWidth = 20;

export class Progress {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  readonly #began: number;
  #titles: readonly string[] = [''];
  #startedAt = 0;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(stream: ProgressStream = process.stderr, now: () => number = Date.now) {
    this.#stream = stream;
    this.#now = now;
    this.#began = now();
  }

  /** An invocation begins, or several side by side: `[3/12] javac continue·bank 128MiB`. */
  begin(index: number, of: number, ...what: readonly string[]): void {
    this.#titles = what.map((title, i) => printable(`[${index + 1 + i}/${of}] ${title}`));
    this.#startedAt = this.#now();
    this.#drawnAt = Number.NEGATIVE_INFINITY;
    this.update('start');
  }

  /** What it is doing. `fraction` is 0..1 of the phase. */
  update(phase: string, fraction?: number, text?: string): void {
    if (!this.#stream.isTTY) return;
    const now = this.#now();
    if (now - this.#drawnAt < leastGapMs) return;
    this.#drawnAt = now;
    const elapsed = formatDuration(Math.round((now - this.#startedAt) / 1000) * 1000);
    const bar = fraction === undefined ? '' : ` ${drawBar(fraction)}`;
    const beside = this.#titles.length > 1 ? `, and ${this.#titles.length - 1} beside it` : '';
    this.#draw(`${this.#titles[0]}${beside}  ${phase}${bar} ${elapsed}${text ? `  ${text}` : ''}`);
  }

  /** The invocation is over, the so-manieth of those that began. `what` says how it went, in a few words. */
  end(what: string, index = 0): void {
    this.note(`${this.#titles[index]}  ${formatDuration(this.#now() - this.#startedAt)}  ${what}`);
  }

  /** A line that stays. */
  note(text: string): void {
    this.clear();
    this.#stream.write(`${text}\n`);
  }

  /** Takes the live line away, so that something else can be printed. */
  clear(): void {
    if (this.#drawn) this.#stream.write(clearLine);
    this.#drawn = false;
  }

  /** Time since this progress was made, ms. */
  get elapsedMs(): number {
    return this.#now() - this.#began;
  }

  #draw(line: string): void {
    // A line that wraps cannot be redrawn in place.
    const width = Math.max(20, this.#stream.columns || 80) - 1;
    this.#stream.write(clearLine + (line.length > width ? `${line.slice(0, width - 1)}…` : line));
    this.#drawn = true;
  }
}

function drawBar(fraction: number): string {
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.round(share * barWidth);
  return `${'━'.repeat(full)}${'╌'.repeat(barWidth - full)} ${Math.floor(share * 100)}%`;
}
