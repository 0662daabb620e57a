/** Pages of 2 MiB that the machine keeps in reserve (hugetlb): how many there are, and how to have more. */
import { readFileSync } from 'node:fs';

export interface HugePages {
  readonly total: number;
  /** What a new mapping can have: neither in use, nor promised to one that has not touched it yet. */
  readonly free: number;
}

const FOLDER = '/sys/kernel/mm/hugepages/hugepages-2048kB';

/** What there is now; zeros where the kernel has no huge pages. */
export function hugePages(): HugePages {
  const promised = count('resv_hugepages');
  return { total: count('nr_hugepages'), free: Math.max(0, count('free_hugepages') - promised) };
}

/** The command that makes `pages` of them free. */
export function howToReserve(pages: number): string {
  const { total, free } = hugePages();
  return `as root, echo ${total + Math.max(0, pages - free)} > /proc/sys/vm/nr_hugepages`;
}

function count(file: string): number {
  try {
    return Number(readFileSync(`${FOLDER}/${file}`, 'utf8'));
  } catch {
    return 0;
  }
}
