/**
 * The order in which workers walk the regions of a compaction. `address`: one after the other. `faults`: first the region
 * of the last fault, because who touched one page of it is likely to touch the next.
 */
import { Control, FlipWord, type Heap } from '../../heap/index.js';
import type { WalkPolicy } from '../options.js';

export interface Walk {
  /** The next region for this thread; -1 when none is left. Every region goes to one thread. */
  next(): number;
}

class ByAddress implements Walk {
  constructor(protected readonly heap: Heap) {}

  next(): number {
    const region = Atomics.add(this.heap.control, Control.CURSOR, 1);
    return region < this.heap.layout.regions ? region : -1;
  }
}

class ByFaults extends ByAddress {
  constructor(
    heap: Heap,
    private readonly generation: number,
  ) {
    super(heap);
  }

  override next(): number {
    const touched = Atomics.exchange(this.heap.meta.flip, FlipWord.TOUCHED, 0);
    if (touched !== 0 && this.take(touched)) return touched;
    for (let region = super.next(); region >= 0; region = super.next()) if (this.take(region)) return region;
    return -1;
  }

  private take(region: number): boolean {
    return Atomics.exchange(this.heap.meta.regionWalked, region, this.generation) !== this.generation;
  }
}

/** Every policy there is: one line each. */
export const WALKS: Readonly<Record<WalkPolicy, (heap: Heap, generation: number) => Walk>> = {
  address: (heap) => new ByAddress(heap),
  faults: (heap, generation) => new ByFaults(heap, generation),
};
