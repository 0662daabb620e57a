/**
 * Addresses. A reference is the index of an 8-byte granule from the heap's base, so it means the same in the
 * workspace and in every view; 0 is null. 31 bits of granules make heaps up to 16 GiB.
 */

/** An object's first granule, or 0 for null. Good until the thread's next safepoint: the object may move there. */
export type Reference = number;

export const NULL: Reference = 0;
export const GRANULE_BYTES = 8;
export const GRANULE_SHIFT = 3;
/** Granules in a block: one word of a bitmap, one entry of the destination table. */
export const BLOCK_GRANULES = 64;
export const DEFAULT_REGION_BYTES = 1 << 20;
export const PAGE_BYTES = 4096;
/** Pages of this size are hugetlb pages: reserved beforehand, and never taken apart. */
export const HUGE_PAGE_BYTES = 2 << 20;
/** Largest heap: 2^31 granules less one region, because a typed array holds 2^32 - 1 words. */
export const MAX_HEAP_BYTES = 2 ** 34 - DEFAULT_REGION_BYTES;

declare const side: unique symbol;

/** The heap's words in the collector's mapping: never armed, safe to touch from a fault handler. */
export type WorkspaceWords = Int32Array & { readonly [side]: 'workspace' };
/** The heap's words in a mutators' mapping: a touch may fault, and block until somebody publishes the page. */
export type ViewWords = Int32Array & { readonly [side]: 'view' };

/** Index of the first 32-bit word of `reference`. Unsigned, so that heaps over 8 GiB index right. */
export function wordOf(reference: Reference): number {
  return (reference << 1) >>> 0;
}

export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
