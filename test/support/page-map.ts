/** What the kernel has in the page table for memory of ours: proc(5), /proc/self/pagemap and smaps. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
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

/** Bytes of the anonymous mapping at `address` that are transparent huge pages. */
export function hugeBytesAt(address: number): number {
  const all = readFileSync('/proc/self/smaps', 'utf8');
  const own = all.slice(all.search(new RegExp(`^0*${address.toString(16)}-`, 'm'))).split('VmFlags')[0]!;
  return Number(/^AnonHugePages: +(\d+) kB/m.exec(own)?.[1] ?? 0) * 1024;
}
