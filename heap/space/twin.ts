/**
 * Shared memory mapped two or three times: the workspace, the view in use, and with two banks the one that comes next.
 * A view that is armed lets nobody at a page that was not published: either a userfaultfd watches it (UFFDIO_CONTINUE
 * publishes), or it has no permissions (mprotect does).
 */
import { type FeatureName, Mapping, Memfd, type Userfaultfd } from '../../native/index.js';
import { roundUp } from '../address.js';
import type { Layout } from '../layout.js';
import { closeAll, openAll } from '../opened.js';
import { Patience } from '../patience.js';
import { mapRun } from './map-run.js';
import type { SpaceOptions } from './options.js';
import type { Space, SpaceHandle } from './space.js';
import { isHuge, mapTwin } from './twin-memory.js';
import { barrierFeatures, Watch } from './watch.js';

const ENOMEM = 12;
/** How long an allocation waits for a mapping where the process has none left, ms. */
const PATIENCE_MS = 10_000;
const sleeper = new Int32Array(new SharedArrayBuffer(4));

export interface TwinHandle extends SpaceHandle {
  readonly kind: 'twin' | 'guarded';
  readonly memfd: number;
  readonly minorOnly: boolean;
  readonly pageBytes: number;
}

export class TwinSpace implements Space {
  readonly kind: 'twin' | 'guarded';
  readonly shared = true;
  readonly staging = null;
  private readonly words: Int32Array;

  private constructor(
    readonly workspace: Mapping,
    readonly views: readonly Mapping[],
    readonly aside: Mapping | null,
    readonly watch: Watch | null,
    private readonly memfd: Memfd,
    readonly pageBytes: number,
    readonly handle: TwinHandle,
  ) {
    this.kind = handle.kind;
    this.words = new Int32Array(workspace.buffer); // bytes would stop at 4 GiB
  }

  /**
   * `banks` 2 has an idle view ready before a flip; 1 moves the view aside and maps another in its place. `guarded`: by
   * mprotect, without a userfaultfd. Throws HeapError 'huge-pages' where a heap of huge pages finds too few in reserve.
   */
  static create(layout: Layout, options: SpaceOptions, guarded = false): TwinSpace {
    const { banks, barrier, minorOnly } = options;
    return openAll((own) => {
      const watch = guarded ? null : own(openWatch(layout, options));
      const { memfd, workspace, views } = mapTwin(layout, banks, options);
      for (const thing of [memfd, workspace, ...views]) own(thing);
      const aside = banks === 1 ? own(Mapping.anonymous(layout.spanBytes, { dumped: false })) : null;
      const handle: TwinHandle = {
        kind: guarded ? 'guarded' : 'twin',
        workspace: workspace.id,
        views: views.map((view) => view.id),
        aside: aside?.id ?? 0,
        staging: 0,
        watch: watch?.handle ?? null,
        barrier,
        memfd: memfd.id,
        minorOnly,
        pageBytes: layout.pageBytes,
      };
      const space = new TwinSpace(workspace, views, aside, watch, memfd, layout.pageBytes, handle);
      for (let bank = 0; bank < banks; bank++) space.arm(bank);
      return space;
    });
  }

  static attach(handle: TwinHandle): TwinSpace {
    return new TwinSpace(
      Mapping.attach(handle.workspace),
      handle.views.map((id) => Mapping.attach(id)),
      handle.aside === 0 ? null : Mapping.attach(handle.aside),
      handle.watch === null ? null : Watch.attach(handle.watch),
      Memfd.attach(handle.memfd),
      handle.pageBytes,
      handle,
    );
  }

  get poisons(): boolean {
    return this.watch?.at(0).features.has('POISON') ?? false;
  }

  arm(bank: number): void {
    const view = this.views[bank]!;
    // MISSING too: with MINOR alone the kernel fills a hole with zeros and tells nobody.
    const { minorOnly, barrier } = this.handle;
    const modes = { missing: !minorOnly, minor: true, writeProtect: barrier === 'kernel' };
    if (this.watch !== null) this.watch.arm(view, modes);
    else view.protect(0, view.bytes, 'none'); // which holds for what is mapped as well
  }

  empty(bank: number): void {
    const view = this.views[bank]!;
    if (this.watch !== null) {
      this.watch.empty(view);
      return;
    }
    view.renew(); // in one piece again
    this.arm(bank);
  }

  coming(bank: number): Mapping | null {
    return this.views[1 - bank] ?? null;
  }

  withdraw(bank: number, offset: number, length: number): void {
    const coming = this.coming(bank)!;
    if (this.watch !== null) coming.advise(offset, length, 'dontneed');
    else if (coming.tryProtect(offset, length, 'none') !== 0) {
      // No mapping is left to cut this one out. All of them at once need none; a page that is MAPPED is shown again.
      coming.protect(0, coming.bytes, 'none');
    }
  }

  provide(bank: number, offset: number, length: number): void {
    // Zeroing through the workspace fills holes, and leaves the lines in the cache that the mutator writes next.
    this.words.fill(0, offset / 4, (offset + length) / 4);
    const view = this.views[bank]!;
    if (this.watch === null) {
      openGuarded(view, offset, length);
      return;
    }
    this.watch.cut(offset, length, (from, bytes) => this.map(view, this.watch!.at(from), from, bytes));
  }

  private map(view: Mapping, userfaultfd: Userfaultfd, offset: number, length: number): void {
    const { pageBytes } = this;
    const first = roundUp(offset, pageBytes);
    const pages = (roundUp(offset + length, pageBytes) - first) / pageBytes;
    mapRun({
      pages,
      pageBytes,
      attempt: (done) => userfaultfd.tryContinue(view, first + done * pageBytes, (pages - done) * pageBytes),
      exists: () => {}, // an earlier owner of the region had it mapped; it shows the same memory
    });
  }

  release(offset: number, length: number): void {
    // A reserved page that is given back is no longer promised to us: without one, the next touch would be SIGBUS.
    if (isHuge(this)) return;
    this.memfd.punch(offset, length);
  }

  residentBytes(): number {
    return this.memfd.residentBytes();
  }

  disarm(): void {
    if (this.watch !== null) this.watch.close();
    else for (const view of this.views) view.protect(0, view.bytes, 'readwrite');
  }

  close(): void {
    closeAll([this.watch, ...this.views, this.workspace, this.aside, this.memfd]);
  }
}

/**
 * Gives a range its permissions. A compaction may have used up the process's mappings, page by page, and its workers
 * make them grow together: worth waiting for, as gc/resolution/protect.ts does.
 */
function openGuarded(view: Mapping, offset: number, length: number): void {
  const patience = new Patience(PATIENCE_MS);
  for (;;) {
    const result = view.tryProtect(offset, length, 'readwrite');
    if (result === 0) return;
    if (result !== -ENOMEM || patience.isOver) break;
    Atomics.wait(sleeper, 0, 0, 1);
  }
  view.protect(offset, length, 'readwrite'); // throws what says why not
}

function openWatch(layout: Layout, { delivery, userfaultfds, poison, barrier }: SpaceOptions): Watch {
  const features: FeatureName[] = isHuge(layout)
    ? ['MINOR_HUGETLBFS', 'MISSING_HUGETLBFS']
    : ['MINOR_SHMEM', 'MISSING_SHMEM'];
  if (delivery === 'signal') features.push('SIGBUS');
  if (poison) features.push('POISON');
  features.push(...barrierFeatures(barrier));
  return Watch.open(layout, { features, count: userfaultfds });
}
