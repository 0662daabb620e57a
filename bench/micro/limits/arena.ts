/**
 * A heap between a flip and the publishing of its pages, again and again: every page stands right in the workspace and
 * is absent from the armed view. What a collection does up to there and after it is left out, the flip itself is not.
 */
import { createHeap, FLIPS, RESOLUTIONS } from '../../../gc/index.js';
import {
  Control,
  DEFAULT_REGION_BYTES,
  type Delivery,
  defaultShape,
  encodeState,
  FlipWord,
  GRANULE_BYTES,
  type Heap,
  MAX_GENERATION,
  PAGE_BYTES,
  PageState,
  RegionState,
  roundUp,
} from '../../../heap/index.js';
import { provide } from '../../../heap/tlab.js';

export const WORDS_A_PAGE = PAGE_BYTES / 4;
/** The first region never has memory. */
const FIRST_PAGE = DEFAULT_REGION_BYTES / PAGE_BYTES;

export class Arena {
  readonly heap: Heap;
  readonly first = FIRST_PAGE;
  private flipped = false;

  constructor(
    readonly resolution: string,
    readonly pages: number,
    delivery = RESOLUTIONS[resolution]!.deliveries[0] as Delivery,
  ) {
    const bytes = Math.max(4 * DEFAULT_REGION_BYTES, roundUp(pages * PAGE_BYTES, DEFAULT_REGION_BYTES));
    this.heap = createHeap(defaultShape(bytes, 1), resolution, this.flip.name, { delivery });
    const { heap, first } = this;
    for (let region = 1; region < heap.layout.regions; region++) heap.regions.take(RegionState.OPEN, 0);
    this.handOut(first, pages);
    this.write(heap.view(heap.bank));
  }

  get generation(): number {
    return Atomics.load(this.heap.control, Control.GENERATION);
  }

  /** What an allocator does with pages [first, first + count): zeroes them and shows them to mutators. */
  handOut(first: number, count: number): void {
    const { heap, generation } = this;
    const granules = PAGE_BYTES / GRANULE_BYTES;
    provide(heap, first * granules, count * granules, heap.bank, generation);
  }

  /** Flips: from here on every page faults and can be published. All of them have to be in the view. */
  rearm(): void {
    const { heap, flip, first, pages } = this;
    const { control, kernels, meta, space } = heap;
    Atomics.store(control, Control.COMPACTING, 0);
    if (this.flipped) {
      // As the phase reclaim does at the end of a cycle.
      if (!space.shared) {
        kernels.readThrough('view');
        space.workspace.renew();
      }
      flip.retire(heap);
    }
    this.flipped = true;
    flip.switch(heap);
    if (!space.shared) this.write(heap.workspace);
    const generation = (this.generation % MAX_GENERATION) + 1;
    meta.pageState.fill(encodeState(generation, PageState.READY), first, first + pages);
    Atomics.store(meta.flip, FlipWord.GENERATION, generation);
    Atomics.store(meta.flip, FlipWord.COMPACTING, 1);
    Atomics.store(control, Control.GENERATION, generation);
    Atomics.store(control, Control.COMPACTING, 1);
  }

  /**
   * Writes its number on every page. Starting the bare program forks this process, and private pages that a child had
   * cannot be moved (EBUSY) before they have been written again.
   */
  private write(words: Int32Array): void {
    const { first, pages } = this;
    for (let page = first; page < first + pages; page++) words[page * WORDS_A_PAGE] = page;
  }

  close(): void {
    this.heap.close();
  }

  private get flip() {
    return FLIPS[RESOLUTIONS[this.resolution]!.flips[0]!]!;
  }
}
