/**
 * The end, where a compaction cannot be brought to its own: pages are left that nobody can make right. No mutator may
 * see one, so they are poisoned, and the process ends with a message.
 */
import { writeSync } from 'node:fs';
import { FlipWord, type Heap, PageState, stateOf } from '../heap/index.js';

export function endProcess(heap: Heap, error: unknown): never {
  const { meta, layout, space, bank } = heap;
  const generation = Atomics.load(meta.flip, FlipWord.GENERATION);
  const stale: number[] = [];
  for (let page = 0; page < layout.pages; page++) {
    if (stateOf(Atomics.load(meta.pageState, page), generation) !== PageState.MAPPED) stale.push(page);
  }
  const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cycle = Atomics.load(meta.flip, FlipWord.CYCLE);
  // Before LOST: the first mutator that sees that ends the process, and the cause would be unsaid.
  writeSync(
    2,
    `continuum: the heap is lost in cycle ${cycle}: ${stale.length} pages can neither be made right nor be left as they ` +
      `are, so the process ends. The cause: ${why}\n`,
  );
  Atomics.store(meta.flip, FlipWord.LOST, 1); // who is in a signal handler, or comes to it, says so and dies
  for (const page of stale) {
    const offset = page * layout.pageBytes;
    const watch = space.watch?.at(offset);
    if (watch?.features.has('POISON')) watch.tryPoison(space.views[bank]!, offset, layout.pageBytes);
  }
  process.kill(process.pid, 'SIGABRT');
  throw error;
}
