/**
 * The most memory the process has held. PSS, because resident size counts a page once a mapping and a twin heap has
 * three. A sample walks every page table, about 10 ms a GiB, so samples are rare; but `copy` holds most just before a
 * compaction ends, which no timer would hit by chance. So: one a second; one a second at most late in a compaction; and
 * one after a cycle, if the last is a quarter of a second old.
 *
 * The samples of the measured period are kept as a series of bounded length: where there are too many, of each two
 * neighbours the higher one stays, so that the peak does.
 */
import { Control, type Heap } from '../../heap/index.js';
import { processMemory } from '../../native/index.js';

const everyMs = 1000;
const afterCycleMs = 250;
/** Progress of a cycle, of 1000, from which on it is late in a compaction. */
const late = 900;
/** Points of a series, at most. */
export const seriesPoints = 500;
/** How often the words of the heap are looked at, ms: an untimely look costs nothing. */
const lookMs = 10;

/** When, ms since the period began, and how much, bytes. */
export type Point = [ms: number, bytes: number];

export class MemorySampler {
  /** Bytes. */
  peakPssBytes = 0;
  private points: Point[] | undefined;
  private seriesBegan = 0;
  private last = Number.NEGATIVE_INFINITY;
  private lastLate = Number.NEGATIVE_INFINITY;
  private resting = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly heap: Heap) {}

  start(): void {
    this.timer = setInterval(() => this.look(), lookMs);
    this.sample();
  }

  /** The measured period begins. */
  beginSeries(): void {
    this.points = [];
    this.seriesBegan = performance.now();
    this.sample();
  }

  /** A turn has ended. The function it answers is to be called as the next begins: the series goes on from there. */
  rest(): () => void {
    const began = performance.now();
    this.resting = true;
    return () => {
      this.resting = false;
      this.seriesBegan += performance.now() - began;
    };
  }

  get series(): readonly Point[] {
    return this.points ?? [];
  }

  stop(): void {
    clearInterval(this.timer);
    this.sample();
  }

  /** To be called when a cycle has ended. */
  afterCycle(): void {
    if (this.timer !== undefined && performance.now() - this.last >= afterCycleMs) this.sample();
  }

  private look(): void {
    if (this.resting) return;
    const { control } = this.heap;
    const now = performance.now();
    const isLate = Atomics.load(control, Control.COMPACTING) === 1 && Atomics.load(control, Control.PROGRESS) >= late;
    if (isLate && now - this.lastLate >= everyMs) this.lastLate = now;
    else if (now - this.last < everyMs) return;
    this.sample();
  }

  private sample(): void {
    // What is recorded for us is not the collector's.
    const pssBytes = processMemory().pssBytes - (this.heap.trace?.residentBytes ?? 0);
    this.peakPssBytes = Math.max(this.peakPssBytes, pssBytes);
    this.last = performance.now();
    if (this.points === undefined) return;
    this.points.push([this.last - this.seriesBegan, pssBytes]);
    if (this.points.length > seriesPoints) this.points = halved(this.points);
  }
}

/** Of each two neighbours the higher. */
export function halved(points: readonly Point[]): Point[] {
  return points.filter(([, bytes], i) => {
    const other = points[i ^ 1]?.[1] ?? -1;
    return bytes > other || (bytes === other && i % 2 === 0);
  });
}
