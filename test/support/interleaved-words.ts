/** What interleaved-program.ts is told, and the words that it and its test share. */
import type { HeapHandle } from '../../heap/index.js';

export interface InterleavedTask {
  readonly heap: HeapHandle;
  readonly kind: 'holder' | 'toucher' | 'evacuated' | 'ahead' | 'parked' | 'store' | 'waiter' | 'stray';
  /** Shared with the test; see Word. */
  readonly words: Int32Array;
}

/** GO: the test counts up the steps a program waits for. DONE: programs count up. HOLDER: an object that stays. */
export const Word = { GO: 0, DONE: 1, HOLDER: 2, WORDS: 4 } as const;
