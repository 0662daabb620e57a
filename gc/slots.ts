/**
 * How the numbers of staging slots and of owners are shared out: to each worker a batch of slots, to each fault server one,
 * and the last to threads that finish what others had begun.
 */
import { MAX_SLOTS } from '../heap/page-state.js';

/** Numbers for threads that finish the pages of others. */
export const SPARE_OWNERS = 16;

/** Pages that each of so many workers can publish by one call at most, beside so many fault servers. */
export function mostBatch(workers: number, servers: number): number {
  return Math.floor((MAX_SLOTS - 1 - servers - SPARE_OWNERS) / workers);
}
