import { GRANULE_BYTES, sizeInGranules } from '../../heap/index.js';

/** Bytes of the heap that an object takes. */
export function objectBytes(references: number, payloadBytes: number): number {
  return GRANULE_BYTES * sizeInGranules(references, payloadBytes);
}
