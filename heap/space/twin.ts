/** Shared memory mapped twice (three times for `bank`): what UFFDIO_CONTINUE needs. */
import { type FeatureName, Mapping, Memfd } from '../../native/index.js';
import { roundUp } from '../address.js';
import type { Layout } from '../layout.js';
import { mapRun } from './map-run.js';
import type { Space, SpaceHandle, SpaceOptions } from './space.js';
import { isHuge, mapTwin, type TwinMemory } from './twin-memory.js';
import { Watch } from './watch.js';

export interface TwinHandle extends SpaceHandle {
  readonly kind: 'twin';
  readonly memfd: number;
  readonly minorOnly: boolean;
  readonly pageBytes: number;
}

export class TwinSpace implements Space {
  readonly kind = 'twin';
  readonly staging = null;
  private readonly words: Int32Array;

  private constructor(
    readonly workspace: Mapping,
    readonly views: readonly Mapping[],
    readonly aside: Mapping | null,
    readonly watch: Watch,
    private readonly memfd: Memfd,
    readonly pageBytes: number,
    readonly handle: TwinHandle,
  ) {
    this.words = new Int32Array(workspace.buffer); // bytes would stop at 4 GiB
  }

  /**
   * `banks` 2 has an idle view ready before a flip; 1 moves the view aside and maps another in its place.
   * Throws HeapError 'huge-pages' where a heap of huge pages finds too few in reserve.
   */
  static create(layout: Layout, options: SpaceOptions): TwinSpace {
    const { banks, delivery, userfaultfds, minorOnly, workspaceHugePages } = options;
    const features: FeatureName[] = [
      ...(isHuge(layout)
        ? (['MINOR_HUGETLBFS', 'MISSING_HUGETLBFS'] as const)
        : (['MINOR_SHMEM', 'MISSING_SHMEM'] as const)),
      ...(delivery === 'signal' ? ['SIGBUS' as const] : []),
    ];
    const watch = Watch.open(layout, { features, count: userfaultfds });
    let memory: TwinMemory;
    try {
      memory = mapTwin(layout, banks, workspaceHugePages);
    } catch (error) {
      watch.close();
      throw error;
    }
    const { memfd, workspace, views } = memory;
    const aside = banks === 1 ? Mapping.anonymous(layout.spanBytes) : null;
    const handle = {
      kind: 'twin' as const,
      workspace: workspace.id,
      views: views.map((view) => view.id),
      aside: aside?.id ?? 0,
      staging: 0,
      watch: watch.handle,
      memfd: memfd.id,
      minorOnly,
      pageBytes: layout.pageBytes,
    };
    const space = new TwinSpace(workspace, views, aside, watch, memfd, layout.pageBytes, handle);
    space.arm(0);
    return space;
  }

  static attach(handle: TwinHandle): TwinSpace {
    return new TwinSpace(
      Mapping.attach(handle.workspace),
      handle.views.map((id) => Mapping.attach(id)),
      handle.aside === 0 ? null : Mapping.attach(handle.aside),
      Watch.attach(handle.watch),
      Memfd.attach(handle.memfd),
      handle.pageBytes,
      handle,
    );
  }

  arm(bank: number): void {
    // MISSING too: with MINOR alone the kernel fills a hole with zeros and tells nobody.
    this.watch.arm(this.views[bank]!, { missing: !this.handle.minorOnly, minor: true });
  }

  provide(bank: number, offset: number, length: number): void {
    // Zeroing through the workspace fills holes, and leaves the lines in the cache that the mutator writes next.
    this.words.fill(0, offset / 4, (offset + length) / 4);
    const view = this.views[bank]!;
    const { pageBytes } = this;
    const first = roundUp(offset, pageBytes);
    const pages = (roundUp(offset + length, pageBytes) - first) / pageBytes;
    const userfaultfd = this.watch.at(offset);
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
    this.watch.close();
  }

  close(): void {
    this.disarm();
    for (const mapping of [...this.views, this.workspace, this.aside]) mapping?.close();
    this.memfd.close();
  }
}
