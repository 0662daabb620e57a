/** What the kernel's page table has for a page of ours: proc(5), /proc/self/pagemap. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Mapping } from '../../native/memory.js';

const ENTRY = 8;
const PROTECTED = 1n << 57n;

/** Whether page `page` is write-protected by a userfaultfd, mapped or not. */
export function isProtected(mapping: Mapping, page: number): boolean {
  return (entryOf(mapping.address + page * mapping.pageSize) & PROTECTED) !== 0n;
}

function entryOf(address: number): bigint {
  const pageMap = openSync('/proc/self/pagemap', 'r');
  try {
    const entry = Buffer.alloc(ENTRY);
    if (readSync(pageMap, entry, 0, ENTRY, (address / 4096) * ENTRY) !== ENTRY) throw new Error('pagemap ended early');
    return entry.readBigUInt64LE();
  } finally {
    closeSync(pageMap);
  }
}
