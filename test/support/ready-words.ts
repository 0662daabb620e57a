/** What ready-toucher.ts is told, and what it says. */
import type { HeapHandle } from '../../heap/index.js';

export interface ReadyTask {
  readonly heap: HeapHandle;
  /** Set to 1 when it is to leave. */
  readonly stop: Int32Array;
}

export interface ReadyTouched {
  /** Pages that it touched while they were READY, and objects that were not what they must be. */
  readonly touched: number;
  readonly wrong: number;
}
