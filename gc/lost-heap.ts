/**
 * The end, where a compaction cannot be brought to its own: pages are left that nobody can make right. No mutator may
 * see one, so they are poisoned, and the process ends with a message.
 */
import { writeSync } from 'node:fs';
import { Control, FlipWord, type Heap, PageState, RegionState, stateOf } from '../heap/index.js';
import { isKept } from './workers/compact.js';

const listeners: ((heap: Heap, error: unknown) => void)[] = [];

/** Calls `listener` with a heap that is lost, before the process ends: to write down how it stands. */
export function whenLost(listener: (heap: Heap, error: unknown) => void): void {
  listeners.push(listener);
}

export function endProcess(heap: Heap, error: unknown): never {
  const { meta, layout, space, bank } = heap;
  const generation = Atomics.load(meta.flip, FlipWord.GENERATION);
  const stale: number[] = [];
  let needed = 0;
  for (let page = 0; page < layout.pages; page++) {
    if (stateOf(Atomics.load(meta.pageState, page), generation) === PageState.MAPPED) continue;
    stale.push(page);
    const region = Math.floor(page / layout.pagesPerRegion);
    const state = meta.regionState[region]!;
    const holdsObjects = state === RegionState.TARGET || isKept(state);
    if (holdsObjects && page * layout.granulesPerPage < meta.regionTop[region]!) needed++;
  }
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cycle = Atomics.load(meta.flip, FlipWord.CYCLE);
  // Who strays may write over what targets are built from, and the error that says so comes too late to be read.
  const before =
    Atomics.load(heap.control, Control.FATAL) === 0
      ? ''
      : ' Before that the heap was given up already: a mutator may have strayed, and written into what was evacuated.';
  // Before LOST: the first mutator that sees that ends the process, and the cause would be unsaid.
  writeSync(
    2,
    `continuum: the heap is lost in cycle ${cycle}: ${needed} pages can neither be made right nor be left as they ` +
      `are, so the process ends.${before} The cause: ${why}\n`,
  );
  for (const listener of listeners) {
    try {
      listener(heap, error);
    } catch {
      // it is lost all the same
    }
  }
  Atomics.store(meta.flip, FlipWord.LOST, 1); // who is in a signal handler, or comes to it, says so and dies
  for (const page of stale) {
    const offset = page * layout.pageBytes;
    const watch = space.watch?.at(offset);
    if (watch?.features.has('POISON')) watch.tryPoison(space.views[bank]!, offset, layout.pageBytes);
  }
  process.kill(process.pid, 'SIGABRT');
  throw error;
}
