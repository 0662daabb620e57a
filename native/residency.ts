/**
 * How much memory the process really holds, from proc(5). PSS is the honest figure here: resident size counts a page
 * once for every mapping, and a twin heap is mapped two or three times. Neither has reserved huge pages in it.
 */
import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Proportional set size of the whole process, bytes, and all of its reserved huge pages that are in use. */
  readonly pssBytes: number;
  readonly rssBytes: number;
}

/** Reads /proc/self/smaps_rollup; walks every page table, so about 10 ms a GiB mapped. */
export function processMemory(): ProcessMemory {
  const text = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  const hugePages = field('Shared_Hugetlb') + field('Private_Hugetlb') > 0 ? hugePageBytes() : 0;
  return { pssBytes: field('Pss') + hugePages, rssBytes: field('Rss') };
}

/**
 * Bytes of reserved huge pages that the process has mapped, every file once however often it is mapped: as much of it
 * as any mapping shows. (Every page of a twin heap is in its workspace.)
 */
function hugePageBytes(): number {
  const most = new Map<string, number>();
  let file = '';
  let here = 0;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const header = /^[0-9a-f]+-[0-9a-f]+ \S+ [0-9a-f]+ (\S+ \d+)/.exec(line);
    if (header) {
      file = header[1]!;
      here = 0;
    } else if (/^(Shared|Private)_Hugetlb:/.test(line)) {
      here += Number(/(\d+) kB/.exec(line)![1]) * 1024;
      most.set(file, Math.max(here, most.get(file) ?? 0));
    }
  }
  return [...most.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Resident bytes of the mappings inside [address, address + bytes), from /proc/self/smaps. */
export function residentBytesOf(address: number, bytes: number): number {
  let resident = 0;
  let inside = false;
  for (const line of readFileSync('/proc/self/smaps', 'utf8').split('\n')) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
    if (range) {
      const start = Number.parseInt(range[1]!, 16);
      inside = start >= address && start < address + bytes;
    } else if (inside && line.startsWith('Rss:')) {
      resident += Number(/(\d+) kB/.exec(line)![1]) * 1024;
    }
  }
  return resident;
}
