/**
 * Pins, twice over: how many a region has, which is what the plan looks at, and how many of them are each mutator's, so
 * that those of a thread that leaves or dies can be taken back. A mutator counts its own, and nobody else does.
 *
 * The sum is never less than its parts: the sum goes up first and down last. So a thread that dies between the two leaves
 * a region pinned that need not be, until the next audit (audit.ts), and never the other way round.
 */
import type { Metadata } from './metadata.js';

export function addPin(meta: Metadata, own: Int32Array, region: number): void {
  Atomics.add(meta.regionPins, region, 1);
  own[region]!++;
}

/** False: this mutator has no pin there. */
export function dropPin(meta: Metadata, own: Int32Array, region: number): boolean {
  if (!(own[region]! > 0)) return false;
  own[region]!--;
  try {
    Atomics.sub(meta.regionPins, region, 1);
  } catch (error) {
    own[region]!++; // the stack has ended: it is pinned as before
    throw error;
  }
  return true;
}

export function dropAllPins(meta: Metadata, own: Int32Array): void {
  for (let region = 0; region < own.length; region++) {
    const pins = own[region]!;
    if (pins === 0) continue;
    own[region] = 0;
    Atomics.sub(meta.regionPins, region, pins);
  }
}
