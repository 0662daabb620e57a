/**
 * A write barrier is how a marking that runs beside mutators hears of their stores. What it has to see to differs
 * (see the files beside this one); to the phases it is four moments.
 *
 * A new one is a file here, a line in index.ts, and its name in heap/space/space.ts.
 */
import type { BarrierKind } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';

export interface WriteBarrier {
  readonly name: BarrierKind;
  /**
   * Concurrent, the live bits clear and nothing traced yet: from here on stores are noticed. Numbers the cycle, has
   * every mutator allocate in regions that are born in it, and shades the roots.
   */
  begin(cycle: CycleRecord): Promise<void>;
  /**
   * Concurrent, after round `round` (0, 1, …) of tracing: shades what was noticed so far. False: the pause may take
   * the rest; true: trace, and come again.
   */
  between(cycle: CycleRecord, round: number): Promise<boolean>;
  /** In the pause, every mutator in `held`: shades all that is left. Stores are not noticed any more after this. */
  end(cycle: CycleRecord, held: readonly number[]): void;
  /** Concurrent, where a flip follows: takes away what would be in a compaction's way. */
  leave(): Promise<void>;
}
