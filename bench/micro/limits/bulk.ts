/** What a page costs when many are published, or handed out, one after the other by one thread. */
import { Forwarder } from '../../../gc/forwarder.js';
import { RESOLUTIONS } from '../../../gc/index.js';
import { monotonicNs } from '../../../native/index.js';
import { median } from '../../statistics/sample.js';
import type { Pair } from '../comparison.js';
import { type Arena, WORDS_A_PAGE } from './arena.js';
import { type LimitsSizes, measureLimit } from './program.js';

/** Pages of a chunk that a mutator is given at a time. */
const chunkPages = 16;

/** Pages that are timed together: as many as the bare program times, which says why. */
const stretchPages = 512;

interface Walk {
  /** Handles pages [first, end). */
  readonly over: (first: number, end: number) => void;
  /** Throws if not all went as it should. */
  readonly finish?: () => void;
}

/**
 * Median over the stretches of all rounds, behind one round that does not count, as the bare program has it; ns a page.
 * `begin` makes what goes over the pages in one round.
 */
function rounds(count: number, arena: Arena, begin: () => Walk): number {
  const took: number[] = [];
  for (let round = 0; round <= count; round++) {
    arena.rearm();
    const { over, finish } = begin();
    for (let first = arena.first; first < arena.first + arena.pages; first += stretchPages) {
      const began = monotonicNs();
      over(first, first + stretchPages);
      if (round > 0) took.push((monotonicNs() - began) / stretchPages);
    }
    finish?.();
  }
  return median(took);
}

/** Neither side is pinned: one thread does it all, wherever it is. */
function bareOf(name: string, sizes: Omit<LimitsSizes, 'pin'>): Pair['bare'] {
  return () => ({ '': measureLimit(name, { ...sizes, pin: 'free' }).p50 });
}

/** `Forwarder.publish` beside the bare call, `run` pages at a time. */
export function publishPair(arena: Arena, run: number, roundsATurn: number): Pair {
  const { resolution, heap, pages } = arena;
  return {
    name: `publish ${resolution}, ${run === 1 ? '1 page' : `${run} pages`} a call`,
    unit: 'ns a page',
    bare: bareOf(`publish.${resolution}`, { pages, rounds: roundsATurn, run }),
    ours: () => ({
      '': rounds(roundsATurn, arena, () => {
        const { generation } = arena;
        const forwarder = new Forwarder({ heap, resolution: RESOLUTIONS[resolution]!, generation, cycle: 1, owner: 0 });
        return {
          over: (from, end) => {
            for (let page = from; page < end; page += run) forwarder.publish(page, run, 0);
          },
          finish: () => {
            const { published } = forwarder.counts;
            if (published !== pages) throw new Error(`${published} of ${pages} pages were published`);
          },
        };
      }),
    }),
  };
}

/** The allocator's way to get a chunk, and the first write on each of its pages, beside the bare calls. */
export function handOutPair(arena: Arena, roundsATurn: number): Pair {
  const { resolution, heap, pages } = arena;
  return {
    name: `hand out by ${resolution}, ${chunkPages} pages a chunk`,
    unit: 'ns a page',
    bare: bareOf(`handout.${resolution}`, { pages, rounds: roundsATurn }),
    ours: () => ({
      '': rounds(roundsATurn, arena, () => {
        const words = heap.view(heap.bank);
        return {
          over: (from, end) => {
            for (let chunk = from; chunk < end; chunk += chunkPages) {
              arena.handOut(chunk, chunkPages);
              for (let page = chunk; page < chunk + chunkPages; page++) words[page * WORDS_A_PAGE] = 1;
            }
          },
        };
      }),
    }),
  };
}
