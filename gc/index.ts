export { Collector, createHeap, type HeapChoices, type PauseHistograms } from './collector.js';
export type { CycleRecord } from './cycle.js';
export { StrayAccess } from './delivery/handler.js';
export { DELIVERIES } from './delivery/index.js';
export { FLIPS } from './flip/index.js';
export type { CollectorOptions } from './options.js';
export { RESOLUTIONS } from './resolution/index.js';
export type { Loss, Sabotage } from './sabotage.js';
export * from './verify/index.js';
