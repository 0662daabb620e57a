/**
 * One thread's hands during a compaction: makes claimed pages right and publishes them. Workers and fault servers use
 * the same one, so that they cannot differ.
 */
import { FlipWord, type Heap, mapRun, PageState, type Recorder, RegionState, TraceKind } from '../heap/index.js';
import { Pages } from './protocol.js';
import type { Resolution, ResolutionKind } from './resolution/index.js';
import type { Sabotage } from './sabotage.js';

export interface ForwarderOptions {
  readonly heap: Heap;
  readonly resolution: ResolutionKind;
  readonly generation: number;
  /** The cycle that marked: regions born in it are live throughout. */
  readonly cycle: number;
  /** Number of this thread, unlike any other's that forwards pages. See Pages. */
  readonly owner: number;
  readonly sabotage?: Sabotage | undefined;
  /** Called with each page that was claimed for a fault, to break something there in tests. */
  readonly onClaim?: (() => void) | undefined;
}

/** What was done to pages, and how long publishing took. */
export interface PageCounts {
  /** Target pages built from evacuated objects. */
  built: number;
  /** Kept pages in which a reference changed. */
  updated: number;
  /** Kept pages that needed nothing but mapping. */
  mapped: number;
  /** Pages that this thread published, and nanoseconds spent in those calls. */
  published: number;
  publishNs: number;
}

export class Forwarder {
  readonly pages: Pages;
  readonly counts: PageCounts = { built: 0, updated: 0, mapped: 0, published: 0, publishNs: 0 };
  readonly resolution: Resolution;
  private readonly heap: Heap;
  private readonly pagesPerRegion: number;
  private readonly trace: Recorder | null;
  private readonly lane: number;
  /** Whether every publication is recorded, or only of what a mutator waits for. Recording starts between two cycles. */
  private readonly recordsPages: boolean;
  private skipped = false;

  constructor(private readonly options: ForwarderOptions) {
    this.heap = options.heap;
    this.pages = new Pages(options.heap, options.generation, options.owner);
    this.resolution = options.resolution.bind(options.heap);
    this.pagesPerRegion = options.heap.layout.pagesPerRegion;
    this.trace = options.heap.trace;
    this.lane = this.trace?.laneOf(options.owner) ?? 0;
    this.recordsPages = this.trace?.recordsPages ?? false;
    if (this.trace !== null) options.heap.kernels.recordAs(this.lane); // the kernels record what is built and updated
  }

  /**
   * Makes `page` right. The caller has claimed it, and owns staging slot `slot`. Returns the slot where it stands, 0
   * for the workspace.
   */
  forward(page: number, slot: number): number {
    const { kernels, meta } = this.heap;
    const region = Math.floor(page / this.pagesPerRegion);
    if (meta.regionState[region] === RegionState.TARGET) {
      this.counts.built++;
      return this.resolution.build(page, slot);
    }
    if (this.options.sabotage?.skipUpdate && !this.skipped) {
      this.skipped = true;
    } else if (kernels.update(page, this.options.cycle) > 0) {
      this.counts.updated++;
    } else {
      this.counts.mapped++;
    }
    return 0;
  }

  /**
   * Publishes READY pages [first, first + count) that stand in slots from `slot` on, or in the workspace. `wanted`: a
   * mutator waits for one of them.
   */
  publish(first: number, count: number, slot: number, wanted = false): void {
    const began = performance.now();
    this.counts.published += this.show(first, count, slot, wanted);
    this.counts.publishNs += (performance.now() - began) * 1e6;
  }

  /**
   * The kernel dropped the page table entry of a page that is MAPPED. Its word stays as it is: it may belong to the
   * coming flip already.
   */
  showAgain(page: number): void {
    this.map(page, 1, 0);
  }

  /** Publishes without taking the time, which one page for a fault would not be worth. Returns the pages published. */
  private show(first: number, count: number, slot: number, wanted: boolean): number {
    const trace = this.recordsPages || wanted ? this.trace : null;
    const began = trace?.now() ?? 0;
    const published = this.map(first, count, slot);
    trace?.record(this.lane, TraceKind.PUBLISH, began, first, count);
    for (let page = first; page < first + count; page++) this.pages.mapped(page);
    return published;
  }

  private map(first: number, count: number, slot: number): number {
    const { pageBytes } = this.heap.layout;
    const result = this.resolution.publish(first, count, slot);
    if (result === count * pageBytes) return count;
    const begun = result > 0 ? result / pageBytes : 0;
    const goOn = {
      pages: count - begun,
      pageBytes,
      attempt: (done: number) => {
        const at = begun + done;
        return this.resolution.publish(first + at, count - at, slot === 0 ? 0 : slot + at);
      },
      // Somebody else published it, which is success. Its waiter may have queued up after his wake: wake it again.
      exists: (done: number) => this.resolution.wake(first + begun + done),
    };
    return begun + mapRun(goOn);
  }

  /** Lets go of threads that sleep in their signal handler until `page` is published. */
  wakeWaiters(page: number): void {
    if (this.heap.resolvesSignals) this.heap.signals?.wake(page);
  }

  /**
   * A mutator waits for `page`: makes it right and publishes it, or leaves word for whoever is at it. True if this
   * thread published it. The caller owns staging slot `slot`.
   */
  resolve(page: number, slot: number): boolean {
    for (;;) {
      switch (this.pages.state(page)) {
        case PageState.RAW:
          if (!this.pages.claim(page)) break;
          this.options.onClaim?.();
          this.finish(page, slot);
          Atomics.store(this.heap.meta.flip, FlipWord.TOUCHED, Math.floor(page / this.pagesPerRegion));
          return true;
        case PageState.CLAIMED:
          if (this.pages.want(page)) return false;
          break;
        case PageState.READY:
          this.show(page, 1, this.pages.slot(page), false);
          return true;
        case PageState.MAPPED:
          // The kernel may have dropped the page table entry since (memory pressure): where publishing twice is
          // harmless, publish again.
          if (this.resolution.repeatable) this.showAgain(page);
          else this.resolution.wake(page);
          return false;
      }
    }
  }

  /** Makes a page right that this thread has claimed, and publishes it. */
  finish(page: number, slot: number): void {
    const at = this.forward(page, slot);
    const wanted = this.pages.ready(page, at);
    this.show(page, 1, at, wanted);
    if (wanted) this.wakeWaiters(page);
  }
}
