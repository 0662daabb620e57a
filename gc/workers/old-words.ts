/**
 * Forgets what page words say of flips long past, before their generations come again (heap/page-state.ts).
 *
 * Between two flips, with mutators running, so that no pause has to wipe the table. A word of the present generation stays
 * as it is: a page that is MAPPED may fault again, and its word must say so for as long as a mutator may touch it. All
 * others read as RAW before and after. Somebody may write one meanwhile, a mutator whom the page is given, and then by the
 * present generation: the compare-and-swap leaves that alone. Words of the coming generation are not written yet.
 */
import { Control, forgetsOldWords, GENERATION_SHIFT, type Heap } from '../../heap/index.js';

/** Does so where it is time. Returns how many words it forgot. */
export function forgetOldWords({ control, meta }: Heap): number {
  const generation = Atomics.load(control, Control.GENERATION);
  if (!forgetsOldWords(generation)) return 0;
  const { pageState, regionWalked } = meta;
  let forgotten = 0;
  for (let page = 0; page < pageState.length; page++) {
    const word = pageState[page]!;
    if (word === 0 || word >>> GENERATION_SHIFT === generation) continue;
    if (Atomics.compareExchange(pageState, page, word, 0) === word) forgotten++;
  }
  regionWalked.fill(0); // workers walk after a flip only
  return forgotten;
}
