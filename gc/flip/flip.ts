/**
 * A flip puts an armed, empty view under the mutators. What it does inside the pause takes constant time; emptying
 * the old view does not (48 ms for 1 GiB), so that is for afterwards.
 */
import type { Heap } from '../../heap/index.js';

export interface Flip {
  readonly name: string;
  /** In the pause: from here on mutators use the armed view. */
  switch(heap: Heap): void;
  /** After the pause, mutators running: drops the old view. */
  retire(heap: Heap): void;
}
