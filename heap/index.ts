export * from './address.js';
export { PagesAhead } from './ahead.js';
export { checkAlive } from './alive.js';
export { audit } from './audit.js';
export { Barrier, Control, MutatorState, Own, ownBase } from './control.js';
export { detachDead, inherit } from './dead-mutator.js';
export { HeapError, type HeapErrorCode, OutOfMemoryError } from './errors.js';
export { FaultCount, FlipWord, serviceNs } from './fault-words.js';
export { Heap, type HeapHandle, type HeapOptions } from './heap.js';
export {
  defaultShape,
  GLOBAL_SLOTS,
  type HeapShape,
  type Layout,
  LOG_ENTRIES,
  layOut,
  MAX_MUTATORS,
  STACK_SLOTS,
} from './layout.js';
export { type Metadata, testBit } from './metadata.js';
export { Mutator } from './mutator.js';
export * from './object.js';
export * from './page-state.js';
export { Patience } from './patience.js';
export { cleanse, poison } from './poison.js';
export { RegionState, RegionTable } from './region.js';
export { Safepoints } from './safepoints.js';
export { mapRun } from './space/map-run.js';
export type { BarrierKind, CoreDump, Delivery, SpaceOptions } from './space/options.js';
export type { Space, SpaceKind } from './space/space.js';
export { aheadOfCycle, PACE_BYTES, type WaitWord, waitedUs } from './stall.js';
export { Tlab } from './tlab.js';
export { Recorder, type TraceLevel } from './trace.js';
export * from './trace-records.js';
