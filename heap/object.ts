/**
 * The object model. One 8-byte header, then the references (4 bytes each), then raw payload; sizes in granules.
 *
 *     word 0   size in granules (low 16 bits), number of references (high 16 bits); 0 for a humongous object
 *     word 1   32 bits of type or tag, the user's
 *
 * Self-describing: a page can be built with nothing but the objects on it, so no class metadata has to outlive a
 * cycle. A humongous object keeps its size and its number of references in the region table, where there is room for
 * 32 bits of each, and slot 0 stands behind the same 8 bytes in every object.
 */
import { GRANULE_BYTES } from './address.js';

export const HEADER_WORDS = 2;
/** Largest size in granules, and largest number of references, that a header can say. */
export const MAX_HEADER_FIELD = 0xffff;

/** Granules of an object with so many references and payload bytes. */
export function sizeInGranules(references: number, payloadBytes: number): number {
  return Math.ceil((GRANULE_BYTES + 4 * references + payloadBytes) / GRANULE_BYTES);
}

export function encodeHeader(granules: number, references: number): number {
  return granules | (references << 16);
}

export function headerGranules(header: number): number {
  return header & MAX_HEADER_FIELD;
}

export function headerReferences(header: number): number {
  return header >>> 16;
}
