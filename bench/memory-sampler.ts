/**
 * The most memory the process has held. PSS, because resident size counts a page once a mapping and a twin heap has
 * three. A sample walks every page table, about 10 ms a GiB, so samples are rare; but `copy` holds most just before a
 * compaction ends, which no timer would hit by chance. So: one a second; one a second at most late in a compaction; and
 * one after a cycle, if the last is a quarter of a second old.
 */
import { Control, type Heap } from '../heap/index.js';
import { processMemory } from '../native/index.js';

const everyMs = 1000;
const afterCycleMs = 250;
/** Progress of a cycle, of 1000, from which on it is late in a compaction. */
const late = 900;
/** How often the words of the heap are looked at, ms: an untimely look costs nothing. */
const lookMs = 10;

export class MemorySampler {
  /** Bytes. */
  peakPssBytes = 0;
  private last = Number.NEGATIVE_INFINITY;
  private lastLate = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly heap: Heap) {}

  start(): void {
    this.timer = setInterval(() => this.look(), lookMs);
    this.sample();
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
  }
}
