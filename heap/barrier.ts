/**
 * The write barrier's log.
 *
 * While marking runs, a store logs the reference it overwrites (Yuasa 1990: what was reachable when marking began
 * stays reachable). Until every mutator's stack has been scanned it logs the new one as well, because a reference
 * that stood only on an unscanned stack could be stored into an object that is already black and then popped (the
 * hybrid barrier of Go 1.8, Clements & Hudson). Shading whatever was logged is the collector's part, done in native
 * code; when the log is full the mutator shades it itself, so that no fixed number of buffers can run out.
 */
import type { Kernels } from '../native/index.js';
import { LOG_ENTRIES } from './layout.js';

export class BarrierLog {
  count = 0;

  constructor(
    private readonly entries: Int32Array,
    private readonly kernels: Kernels,
  ) {}

  add(reference: number): void {
    if (reference === 0) return;
    if (this.count === LOG_ENTRIES) this.flush();
    this.entries[this.count++] = reference;
  }

  /** Logs a slot, 32-bit word `word` of the heap, for the flip pause; see ahead.ts. False: there are `most` already. */
  addSlot(word: number, most: number): boolean {
    if (this.count === most) return false;
    this.entries[this.count++] = word;
    return true;
  }

  /** The slots logged, and none left. */
  takeSlots(): number[] {
    const slots = Array.from(this.entries.subarray(0, this.count), (word) => word >>> 0);
    this.count = 0;
    return slots;
  }

  flush(): void {
    this.kernels.shade(this.entries, this.count);
    this.count = 0;
  }
}
