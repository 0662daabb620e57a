/** Leaks: what a process holds when no heap is open, round after round, and while one is, cycle after cycle. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { processMemory } from '../../native/index.js';

const MIB = 2 ** 20;

/** Of this process, now. */
export interface Holdings {
  /** But for those of the page map: that is opened when the kernel's barrier is first used, once for all heaps. */
  readonly descriptors: number;
  readonly pagemaps: number;
  readonly userfaultfds: number;
  readonly memfds: number;
  readonly threads: number;
  /** But for small private ones: those are pages of V8's heaps and malloc's, and none of ours is so small. */
  readonly mappings: number;
  readonly memfdMappings: number;
  readonly virtualMiB: number;
  readonly rssMiB: number;
  readonly pssMiB: number;
}
export type Holding = keyof Holdings;

export function holdings(): Holdings {
  const links = readdirSync('/proc/self/fd').map(linkOf);
  const maps = readFileSync('/proc/self/maps', 'utf8').trimEnd().split('\n');
  const { rssBytes, pssBytes } = processMemory();
  return {
    descriptors: links.filter((link) => link !== '' && !link.endsWith('/pagemap')).length,
    pagemaps: links.filter((link) => link.endsWith('/pagemap')).length,
    userfaultfds: links.filter((link) => link.includes('[userfaultfd]')).length,
    memfds: links.filter((link) => link.includes('/memfd:')).length,
    threads: readdirSync('/proc/self/task').length,
    mappings: maps.filter((line) => !isSmall(line)).length,
    memfdMappings: maps.filter((line) => line.includes('/memfd:')).length,
    virtualMiB: Number(/^VmSize:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) / 1024,
    rssMiB: rssBytes / MIB,
    pssMiB: pssBytes / MIB,
  };
}

/** A private mapping without a file, below 1 MiB. */
function isSmall(line: string): boolean {
  const [, from = '', to = '', mode = '', file = ''] = /^(\w+)-(\w+) (\S+) \S+ \S+ \S+ *(.*)$/.exec(line) ?? [];
  return mode.endsWith('p') && file === '' && Number(`0x${to}`) - Number(`0x${from}`) < MIB;
}

/** Empty for the one that listed them. */
function linkOf(descriptor: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return '';
  }
}

/** What is a heap's and nobody else's. */
const OF_A_HEAP: readonly Holding[] = ['userfaultfds', 'memfds', 'memfdMappings'];

/** What is held although no heap is open. */
export function leftOver(now: Holdings): string[] {
  const left = OF_A_HEAP.filter((what) => now[what] > 0).map(
    (what) => `${now[what]} ${what} are left with no heap open`,
  );
  return now.pagemaps > 1 ? [...left, `${now.pagemaps} pagemaps are open, and one is enough for all`] : left;
}

export interface Allowance {
  /** What a later count may be above an earlier one: absolute, and as a share of the earlier. */
  readonly least: number;
  readonly share: number;
}

/**
 * Of a process that opens and closes heaps. Mappings and memory are V8's and malloc's for the most part: an arena more
 * is 64 MiB of addresses, and 17 of them are as many as there ever are on two cores; in the first rounds they fill. What
 * is a heap's is counted exactly, by leftOver().
 */
export const OVER_ROUNDS: Partial<Record<Holding, Allowance>> = {
  descriptors: { least: 0, share: 0 },
  threads: { least: 0, share: 0 },
  mappings: { least: 24, share: 0.1 },
  virtualMiB: { least: 256, share: 0.05 },
  rssMiB: { least: 32, share: 0.15 },
  pssMiB: { least: 32, share: 0.15 },
};

/** While a heap is open: its mappings are as many as its pages are torn, and its memory fills. */
export const OVER_CYCLES: Partial<Record<Holding, Allowance>> = {
  descriptors: { least: 0, share: 0 },
  userfaultfds: { least: 0, share: 0 },
  memfds: { least: 0, share: 0 },
  threads: { least: 0, share: 0 },
};

/** Fewer samples say nothing. */
const FEWEST = 9;

/** A series of holdings, and what grew in it. */
export class LeakWatch {
  private readonly samples: Holdings[] = [];

  /** `warmUp`: samples that are not looked at. */
  constructor(
    private readonly allowances: Partial<Record<Holding, Allowance>>,
    private readonly warmUp: number,
  ) {}

  add(sample: Holdings): void {
    this.samples.push(sample);
  }

  get count(): number {
    return this.samples.length;
  }

  /** First and last, of what is counted. */
  get range(): { readonly first: Holdings; readonly last: Holdings } | undefined {
    const [first] = this.samples.slice(Math.min(this.warmUp, this.samples.length - 1));
    const last = this.samples.at(-1);
    return first && last && { first, last };
  }

  /** A holding has grown where the least of the last third is above the most of the first. */
  get grown(): string[] {
    const samples = this.samples.slice(this.warmUp);
    if (samples.length < FEWEST) return [];
    const third = Math.floor(samples.length / 3);
    return Object.entries(this.allowances).flatMap(([name, { least, share }]) => {
      const counts = samples.map((sample) => sample[name as Holding]);
      const before = Math.max(...counts.slice(0, third));
      const now = Math.min(...counts.slice(-third));
      if (now <= before + Math.max(least, share * before)) return [];
      return [`${name} grow: ${before.toFixed(0)} at most at first, ${now.toFixed(0)} at least in the end`];
    });
  }
}
