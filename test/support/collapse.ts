/** Collapse of a heap's workspace into transparent huge pages, as khugepaged might do it at any time. */
import { type Heap, HUGE_PAGE_BYTES } from '../../heap/index.js';
import { SystemCallError } from '../../native/index.js';

/** How many of the workspace's pieces of 2 MiB, from `first` on in steps of `step`, became huge pages. */
export function collapseWorkspace({ space: { workspace } }: Heap, first = 0, step = 1): number {
  let count = 0;
  for (let i = first; (i + 1) * HUGE_PAGE_BYTES <= workspace.bytes; i += step) {
    try {
      workspace.advise(i * HUGE_PAGE_BYTES, HUGE_PAGE_BYTES, 'collapse');
      count++;
    } catch (error) {
      if (!(error instanceof SystemCallError)) throw error; // a hole in it, or no huge page to be had
    }
  }
  return count;
}
