/** Between cycles no page is half done. */
import { Control, type Heap, PageState, stateOf } from '../../heap/index.js';

/** Throws if a page was claimed, or made right, and never published. No compaction may be under way. */
export function assertPublished({ control, meta, layout }: Heap): void {
  const generation = Atomics.load(control, Control.GENERATION);
  for (let page = 0; page < layout.pages; page++) {
    const state = stateOf(meta.pageState[page]!, generation);
    if (state === PageState.RAW || state === PageState.MAPPED) continue;
    const name = state === PageState.CLAIMED ? 'CLAIMED' : 'READY';
    throw new Error(`page ${page} of ${layout.pages} is still ${name} after its compaction`);
  }
}
