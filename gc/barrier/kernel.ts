/**
 * The barrier in the kernel: mutators run no barrier code. While marking runs, the pages of their view are
 * write-protected by userfaultfd, which lets the first store to each go on by itself and remembers it (WP_ASYNC), and
 * the page map tells which they are (PAGEMAP_SCAN).
 *
 * Marking is by incremental update, not by snapshot: what is reachable when it *ends* is kept. This is the mostly
 * parallel collector of Boehm, Demers and Shenker (1991), which found dirty pages by virtual memory as well; ART's
 * concurrent marking did so by cards. Why it is right:
 *
 * - Let a slot of a marked old object be written after it was last scanned. The write either found its page protected
 *   and made it written, or found it written already; either way it is written until the next scan, which protects a
 *   page *before* its slots are read, and with the translations flushed, so that no store falls in between. Every page
 *   that was reported is rescanned before the next scan, the last with all mutators stopped. If the object is not
 *   marked yet then, it is scanned whole when it is. So at the end no marked object holds an unmarked one.
 * - Objects born in this cycle are live by decree, and marking stops at them; but they may hold the only reference to
 *   an old object, which a snapshot would have kept and this does not. So their slots are all read at least once:
 *   pages that mutators are given while marking runs come unprotected and therefore count as written, and what stands
 *   on them is rescanned, marked or not. Beyond a mutator's indexed top start bits are missing, so the page it is at
 *   is left alone, and thereby left written, until the pause.
 * - Roots have no barrier either way: stacks and globals are read once more in the pause.
 * - An entry of the page table that is empty counts as written. So a page that was stored to and then taken away by
 *   memory pressure is not forgotten. (Pages that are not mapped at the beginning are protected by markers, which the
 *   kernel keeps where it would otherwise have nothing, and which the next UFFDIO_CONTINUE or COPY replaces.)
 * - Dead objects are never read. Those that are dead and were born in this cycle are scanned all the same, and what
 *   they hold is kept until the next cycle.
 *
 * Protection is left on after the pause. A store to such a page costs one fault that the kernel resolves alone, the
 * flip puts an unprotected view in its place soon, and taking the protection off would cost twice what putting it on
 * does. Where no flip follows, the next cycle protects again only what was written since. Private memory is another
 * matter: there the flip moves the view's pages to the workspace as they are, and whoever updates one would fault,
 * which is 0.7 µs a page or more; taking the protection off beforehand is 0.07.
 */
import { Control, GLOBAL_SLOTS, Own, ownBase, Tlab } from '../../heap/index.js';
import type { CycleRecord } from '../cycle.js';
import { DirtyPages, type DirtyWork } from '../workers/dirty.js';
import type { World } from '../world.js';
import type { WriteBarrier } from './barrier.js';

/** Rounds of rescanning beside the mutators, at most. */
const ROUNDS = 12;
/** Written pages that the pause may as well take, about 0.2 ms; and those that it may where rounds get no further. */
const FEW = 64;
const TOLERABLE = 1024;
/** A round finds what was written while the one before worked: this much of that, or more, is no further. */
const NO_FURTHER = 0.9;

export class KernelBarrier implements WriteBarrier {
  readonly name = 'kernel';
  private readonly pages: DirtyPages;
  /** Written pages that the last round found. */
  private found = 0;
  /** Another round would leave the pause no less to do. */
  private enough = false;

  constructor(private readonly world: World) {
    this.pages = new DirtyPages(world.heap);
  }

  async begin(cycle: CycleRecord): Promise<void> {
    const { heap, safepoints } = this.world;
    const { control } = heap;
    cycle.dirtyPages = 0;
    this.found = Number.POSITIVE_INFINITY;
    this.enough = false;
    await this.onWorkers('protect');
    Atomics.store(control, Control.CYCLE, cycle.cycle);
    // One round will do: until a mutator has been here it allocates in regions that are traced like any other, and
    // nothing is traced before all have been.
    await safepoints.handshake((mutator) => {
      const tlab = new Tlab(heap, mutator).reload();
      tlab.close();
      tlab.publish();
      this.shadeStack(mutator);
      control[ownBase(mutator) + Own.BORN] = cycle.cycle;
    });
    heap.kernels.shade(heap.meta.globals, GLOBAL_SLOTS);
  }

  async between(cycle: CycleRecord, round: number): Promise<boolean> {
    if (round === ROUNDS || this.enough) return false;
    await this.world.safepoints.handshake((mutator) => this.takeStock(mutator));
    const found = await this.onWorkers('rescan');
    this.enough = found <= FEW || (found <= TOLERABLE && found >= this.found * NO_FURTHER);
    this.found = found;
    cycle.dirtyPages = (cycle.dirtyPages ?? 0) + found;
    return true;
  }

  end(cycle: CycleRecord, held: readonly number[]): void {
    const { heap, options } = this.world;
    for (const mutator of held) this.takeStock(mutator);
    heap.kernels.shade(heap.meta.globals, GLOBAL_SLOTS);
    cycle.dirtyPagesAtRemark = this.pages.rescanAll(options.sabotage);
  }

  async leave(): Promise<void> {
    if (!this.world.heap.space.shared) await this.onWorkers('unprotect');
  }

  /** Gives what a mutator that is held has allocated start bits, and shades its roots. */
  private takeStock(mutator: number): void {
    const tlab = new Tlab(this.world.heap, mutator).reload();
    tlab.reindex();
    tlab.publish();
    this.shadeStack(mutator);
  }

  private shadeStack(mutator: number): void {
    const { control, kernels, meta } = this.world.heap;
    kernels.shade(meta.stack(mutator), control[ownBase(mutator) + Own.DEPTH]);
  }

  private async onWorkers(work: DirtyWork): Promise<number> {
    const { world } = this;
    Atomics.store(world.heap.control, Control.CURSOR, 0);
    const { sabotage } = world.options;
    const done = await world.onAll('dirty', { heap: world.handle, work, sabotage });
    return done.reduce((sum, one) => sum + one.pages, 0);
  }
}
