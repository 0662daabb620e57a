/**
 * How much memory the process really holds, from proc(5). PSS is the honest figure here: resident size counts a page
 * once for every mapping, and a twin heap is mapped two or three times.
 */
import { readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Proportional set size of the whole process, bytes. */
  readonly pssBytes: number;
  readonly rssBytes: number;
}

/** Reads /proc/self/smaps_rollup; walks every page table, so about 10 ms a GiB mapped. */
export function processMemory(): ProcessMemory {
  const text = readFileSync('/proc/self/smaps_rollup', 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { pssBytes: field('Pss'), rssBytes: field('Rss') };
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
