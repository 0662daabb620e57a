export * from './comparison.js';
export type { Difference } from './surroundings.js';
