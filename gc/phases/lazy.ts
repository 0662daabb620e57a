/**
 * The lazy way to compact: for a while only faults publish pages, so that nobody forwards what nobody touches; workers do
 * the rest once the memory is wanted.
 */
import { aheadOfCycle, Control } from '../../heap/index.js';

/** Longest time that the rest waits, ms. */
const LONGEST_MS = 500;

/** Resolves when mutators allocate faster than the cycle goes on, somebody asks for a collection, or time is up. */
export async function untilNeeded(control: Int32Array): Promise<void> {
  const requests = Atomics.load(control, Control.REQUESTS);
  const began = performance.now();
  while (performance.now() - began < LONGEST_MS) {
    if (aheadOfCycle(control) || Atomics.load(control, Control.REQUESTS) !== requests) return;
    await new Promise((soon) => setTimeout(soon, 1));
  }
}
