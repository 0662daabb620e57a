/** Shared memory mapped twice (three times for `bank`): what UFFDIO_CONTINUE needs. */
import { type FeatureName, Mapping, Memfd } from '../../native/index.js';
import type { Layout } from '../layout.js';
import { mapRun } from './map-run.js';
import type { Space, SpaceHandle, SpaceOptions } from './space.js';
import { barrierFeatures, Watch } from './watch.js';

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
    private readonly pageBytes: number,
    readonly handle: TwinHandle,
  ) {
    this.words = new Int32Array(workspace.buffer); // bytes would stop at 4 GiB
  }

  /** `banks` 2 has an idle view ready before a flip; 1 moves the view aside and maps another in its place. */
  static create(layout: Layout, { banks, delivery, barrier, userfaultfds, minorOnly }: SpaceOptions): TwinSpace {
    const features: FeatureName[] = [
      'MINOR_SHMEM',
      'MISSING_SHMEM',
      ...(delivery === 'signal' ? ['SIGBUS' as const] : []),
      ...barrierFeatures(barrier),
    ];
    const watch = Watch.open(layout, { features, count: userfaultfds });
    const memfd = Memfd.create(layout.spanBytes, { name: 'continuum-heap' });
    const workspace = Mapping.shared(memfd);
    const views = Array.from({ length: banks }, () => Mapping.shared(memfd));
    const aside = banks === 1 ? Mapping.anonymous(layout.spanBytes) : null;
    const handle = {
      kind: 'twin' as const,
      workspace: workspace.id,
      views: views.map((view) => view.id),
      aside: aside?.id ?? 0,
      staging: 0,
      watch: watch.handle,
      barrier,
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
    const { minorOnly, barrier } = this.handle;
    this.watch.arm(this.views[bank]!, { missing: !minorOnly, minor: true, writeProtect: barrier === 'kernel' });
  }

  provide(bank: number, offset: number, length: number): void {
    // Zeroing through the workspace fills holes, and leaves the lines in the cache that the mutator writes next.
    this.words.fill(0, offset / 4, (offset + length) / 4);
    const view = this.views[bank]!;
    const { pageBytes } = this;
    const userfaultfd = this.watch.at(offset);
    mapRun({
      pages: length / pageBytes,
      pageBytes,
      attempt: (done) => userfaultfd.tryContinue(view, offset + done * pageBytes, length - done * pageBytes),
      exists: () => {}, // an earlier owner of the region had it mapped; it shows the same memory
    });
  }

  release(offset: number, length: number): void {
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
