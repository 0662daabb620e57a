/** The native layer: memory that can be mapped twice, the kernel's word about faults on it, and the kernels. */

export * from './errors.js';
export * from './huge-pages.js';
export * from './kernels.js';
export { glibcVersion, hugePagesOfCgroup, limitBehind } from './limits.js';
export * from './memory.js';
export * from './pagemap.js';
export * from './probe.js';
export * from './residency.js';
export * from './signals.js';
export * from './system.js';
export * from './userfaultfd.js';
