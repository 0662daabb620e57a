/**
 * The words through which signal handlers and the collector speak: native memory, because a handler cannot reach a
 * SharedArrayBuffer safely. The C++ side is native/src/pages/page_table.h; loading compares the two.
 */
import { pageEncoding } from '../native/index.js';
import { FAULT_COUNT_WORDS } from './layout.js';
import { GENERATION_SHIFT, MAX_SLOTS, PageState, SLOT_SHIFT, WANTED } from './page-state.js';

/** Indices into meta.flip. Written by the collector; see FlipWords for who else looks, and when. */
export const FlipWord = { GENERATION: 0, CYCLE: 1, COMPACTING: 2, LOST: 3, TOUCHED: 4, AHEAD: 5, BANK: 6 } as const;

/** Indices into meta.faultCounts(mutator). Handlers add; the collector takes away. */
export const FaultCount = {
  INSIDE: 0,
  TAKEN: 1,
  BUILT: 2,
  UPDATED: 3,
  KEPT: 4,
  PUBLISHED: 5,
  WAITED: 6,
  /** First of the buckets of service time. */
  SERVICE: 8,
} as const;

/** Middle of bucket `bucket`, ns. */
export function serviceNs(bucket: number): number {
  const { SERVICE_SUB_BITS: subBits, SERVICE_LEAST_BITS: leastBits } = pageEncoding as Record<string, number>;
  const steps = 2 ** subBits!;
  const power = 2 ** (leastBits! + Math.floor(bucket / steps));
  return Math.round(power * (1 + ((bucket % steps) + 0.5) / steps));
}

const EXPECTED: Readonly<Record<string, number>> = {
  ...PageState,
  WANTED,
  SLOT_SHIFT,
  MAX_SLOTS,
  GENERATION_SHIFT,
  COUNT_WORDS: FAULT_COUNT_WORDS,
};
for (const [name, value] of Object.entries(EXPECTED)) {
  if (pageEncoding[name] !== value) {
    throw new Error(`${name} of a page word is ${value} here and ${pageEncoding[name]} in the addon: rebuild it`);
  }
}
