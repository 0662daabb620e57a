/** What litmus-program.ts is told, what it says, and the words that its two threads share. */
import type { HeapHandle } from '../../heap/index.js';

export type Litmus = 'dekker' | 'plain dekker' | 'counters' | 'lock' | 'message' | 'exchange';

export interface LitmusTask {
  readonly heap: HeapHandle;
  readonly kind: Litmus;
  /** 0 or 1. */
  readonly side: number;
  readonly ms: number;
  /** Shared: by side, rounds that it is ready for; then what each saw in a round; a word that stays 0, to sleep on. */
  readonly turns: Int32Array;
}

/** What a thread saw: how often it did the thing, and how often what must not be; of `exchange` its token. */
export interface Seen {
  readonly done: number;
  readonly wrong: number;
}

/** Words used for one thing, and how far apart they are: no cache line has two. */
export const LINES = 256;
export const STRIDE = 16;
export const TURNS = 2 * STRIDE + 2 * LINES + 1;
