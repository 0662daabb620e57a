/**
 * Private anonymous memory: what UFFDIO_COPY and UFFDIO_MOVE need. There is only the view until a flip moves its pages
 * to the workspace; new pages come into the view by UFFDIO_COPY, zero ones included. `movable`: a page that was built
 * leaves the workspace for the view, so there is no staging.
 */
import { type FeatureName, Mapping, residentBytesOf } from '../../native/index.js';
import { PAGE_BYTES } from '../address.js';
import { HeapError } from '../errors.js';
import type { Layout } from '../layout.js';
import { closeAll, openAll } from '../opened.js';
import { MAX_SLOTS } from '../page-state.js';
import { mapRun } from './map-run.js';
import type { SpaceOptions } from './options.js';
import type { Space, SpaceHandle } from './space.js';
import { barrierFeatures, Watch } from './watch.js';

export interface PrivateHandle extends SpaceHandle {
  readonly kind: 'private' | 'movable';
  readonly zeroes: number;
  readonly pageBytes: number;
}

const ZERO_BYTES = 1 << 20;

export class PrivateSpace implements Space {
  readonly kind: 'private' | 'movable';
  readonly shared = false;
  readonly aside = null;
  private readonly words: Int32Array;

  private constructor(
    readonly workspace: Mapping,
    readonly views: readonly [Mapping],
    readonly watch: Watch,
    readonly staging: Mapping | null,
    private readonly zeroes: Mapping,
    private readonly pageBytes: number,
    readonly handle: PrivateHandle,
  ) {
    this.kind = handle.kind;
    this.words = new Int32Array(views[0].buffer); // bytes would stop at 4 GiB
  }

  /** Throws HeapError 'shape' for pages of any size but 4 KiB: mremap(2) moves no huge page to where a view was. */
  static create(layout: Layout, options: SpaceOptions, movable = false): PrivateSpace {
    const { delivery, poison, barrier, coreDump } = options;
    if (layout.pageBytes !== PAGE_BYTES) {
      throw new HeapError(
        'shape',
        `pages of ${layout.pageBytes} bytes: private memory has pages of ${PAGE_BYTES} only`,
      );
    }
    const features: FeatureName[] = movable ? ['MOVE'] : [];
    if (delivery === 'signal') features.push('SIGBUS');
    if (poison) features.push('POISON');
    features.push(...barrierFeatures(barrier));
    return openAll((own) => {
      const watch = own(Watch.open(layout, { features, count: 1 }));
      // A page is in one or the other. A dump takes the pages that are there, and asks no userfaultfd for those that are not.
      const part = () => own(Mapping.anonymous(layout.spanBytes, { dumped: coreDump === 'heap' }));
      const [workspace, view] = [part(), part()];
      const staging = movable ? null : own(Mapping.anonymous(MAX_SLOTS * layout.pageBytes, { dumped: false }));
      const zeroes = own(Mapping.anonymous(ZERO_BYTES));
      const handle = {
        kind: movable ? ('movable' as const) : ('private' as const),
        workspace: workspace.id,
        views: [view.id],
        aside: 0,
        staging: staging?.id ?? 0,
        watch: watch.handle,
        barrier,
        zeroes: zeroes.id,
        pageBytes: layout.pageBytes,
      };
      const space = new PrivateSpace(workspace, [view], watch, staging, zeroes, layout.pageBytes, handle);
      space.arm(0);
      return space;
    });
  }

  static attach(handle: PrivateHandle): PrivateSpace {
    return new PrivateSpace(
      Mapping.attach(handle.workspace),
      [Mapping.attach(handle.views[0]!)],
      Watch.attach(handle.watch!),
      handle.staging === 0 ? null : Mapping.attach(handle.staging),
      Mapping.attach(handle.zeroes),
      handle.pageBytes,
      handle,
    );
  }

  get poisons(): boolean {
    return this.watch?.at(0).features.has('POISON') ?? false;
  }

  arm(bank: number): void {
    this.watch.arm(this.views[bank as 0], { missing: true, writeProtect: this.handle.barrier === 'kernel' });
  }

  empty(): void {}

  coming(): null {
    return null;
  }

  withdraw(): void {}

  provide(_bank: number, offset: number, length: number): void {
    const view = this.views[0];
    const { pageBytes, words, zeroes } = this;
    const userfaultfd = this.watch.at(offset);
    mapRun({
      pages: length / pageBytes,
      pageBytes,
      attempt: (done) => {
        const size = Math.min(length - done * pageBytes, ZERO_BYTES);
        return userfaultfd.tryCopy(view, offset + done * pageBytes, zeroes, 0, size);
      },
      exists: (done) => {
        const first = (offset + done * pageBytes) / 4; // of a dead region, freed where it stood: mapped, so this cannot fault
        words.fill(0, first, first + pageBytes / 4);
      },
    });
  }

  release(offset: number, length: number): void {
    this.views[0].advise(offset, length, 'dontneed');
  }

  residentBytes(): number {
    const { workspace, views } = this;
    return residentBytesOf(workspace.address, workspace.bytes) + residentBytesOf(views[0].address, views[0].bytes);
  }

  disarm(): void {
    this.watch.close();
  }

  close(): void {
    this.disarm();
    closeAll([...this.views, this.workspace, this.staging, this.zeroes]);
  }
}
