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
import { Own, ownBase } from './control.js';
import { LOG_ENTRIES } from './layout.js';

export class BarrierLog {
  /**
   * Where its count stands, in the shared words and nowhere else: an entry is there before the count says so, and the
   * count before the store. So a thread that dies leaves the log as whoever settles it for that thread has to find it.
   */
  private readonly logged: number;

  constructor(
    private readonly entries: Int32Array,
    private readonly kernels: Kernels,
    private readonly control: Int32Array,
    mutator: number,
  ) {
    this.logged = ownBase(mutator) + Own.LOGGED;
  }

  add(reference: number): void {
    if (reference === 0) return;
    if (this.control[this.logged] === LOG_ENTRIES) this.flush();
    this.append(reference);
  }

  /** Logs a slot, 32-bit word `word` of the heap, for the flip pause; see ahead.ts. False: there are `most` already. */
  addSlot(word: number, most: number): boolean {
    if (this.control[this.logged] === most) return false;
    this.append(word);
    return true;
  }

  /** Hands over the slots logged, and then forgets them: done twice, if it is not done with once. */
  takeSlots(take: (word: number) => void): void {
    for (const word of this.entries.subarray(0, this.control[this.logged])) take(word >>> 0);
    this.control[this.logged] = 0;
  }

  flush(): void {
    this.kernels.shade(this.entries, this.control[this.logged]!);
    this.control[this.logged] = 0;
  }

  private append(word: number): void {
    const count = this.control[this.logged]!;
    this.entries[count] = word;
    this.control[this.logged] = count + 1;
  }
}
