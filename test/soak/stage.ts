/** The round that a process is in: what others look at, whatever state it is in. */
import type { Collector } from '../../gc/index.js';
import { Control, type Heap } from '../../heap/index.js';

export class Stage {
  heap: Heap | null = null;
  collector: Collector | null = null;
  /** What it is doing, for people. */
  phase = 'start';
  /** Phases entered. */
  private steps = 0;
  /** How far the phase is, where that can be said. */
  fraction = 0;

  constructor(private readonly onHeap: (heap: Heap) => void = () => {}) {}

  opened(heap: Heap, collector: Collector): void {
    this.heap = heap;
    this.collector = collector;
    this.onHeap(heap);
  }

  enter(phase: string): void {
    this.phase = phase;
    this.steps++;
  }

  /** Changes as long as the round goes on: phases, cycles, regions that mutators opened. Faults alone are no progress. */
  get mark(): string {
    const { control } = this.heap ?? {};
    const own = `${this.phase} ${this.steps} ${this.fraction.toFixed(4)}`;
    if (control === undefined) return own;
    const words = [Control.COLLECTIONS, Control.OPENED, Control.CYCLE].map((word) => Atomics.load(control, word));
    return `${own}; cycles ${words[0]}/${words[2]}, regions opened ${words[1]}`;
  }
}
