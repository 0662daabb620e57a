/**
 * Private anonymous memory: what UFFDIO_COPY needs. There is only the view until a flip moves its pages to the
 * workspace; new pages come into the view by UFFDIO_COPY, zero ones included.
 */
import { Mapping, residentBytesOf } from '../../native/index.js';
import type { Layout } from '../layout.js';
import { MAX_SLOTS } from '../page-state.js';
import { mapRun } from './map-run.js';
import type { Space, SpaceHandle, SpaceOptions } from './space.js';
import { barrierFeatures, Watch } from './watch.js';

export interface PrivateHandle extends SpaceHandle {
  readonly kind: 'private';
  readonly zeroes: number;
  readonly pageBytes: number;
}

const ZERO_BYTES = 1 << 20;

export class PrivateSpace implements Space {
  readonly kind = 'private';
  readonly aside = null;
  private readonly words: Int32Array;

  private constructor(
    readonly workspace: Mapping,
    readonly views: readonly [Mapping],
    readonly watch: Watch,
    readonly staging: Mapping,
    private readonly zeroes: Mapping,
    private readonly pageBytes: number,
    readonly handle: PrivateHandle,
  ) {
    this.words = new Int32Array(views[0].buffer); // bytes would stop at 4 GiB
  }

  static create(layout: Layout, { delivery, barrier }: SpaceOptions): PrivateSpace {
    const features = [...(delivery === 'signal' ? ['SIGBUS' as const] : []), ...barrierFeatures(barrier)];
    const watch = Watch.open(layout, { features, count: 1 });
    const workspace = Mapping.anonymous(layout.spanBytes);
    const view = Mapping.anonymous(layout.spanBytes);
    const staging = Mapping.anonymous(MAX_SLOTS * layout.pageBytes);
    const zeroes = Mapping.anonymous(ZERO_BYTES);
    const handle = {
      kind: 'private' as const,
      workspace: workspace.id,
      views: [view.id],
      aside: 0,
      staging: staging.id,
      watch: watch.handle,
      barrier,
      zeroes: zeroes.id,
      pageBytes: layout.pageBytes,
    };
    const space = new PrivateSpace(workspace, [view], watch, staging, zeroes, layout.pageBytes, handle);
    space.arm(0);
    return space;
  }

  static attach(handle: PrivateHandle): PrivateSpace {
    return new PrivateSpace(
      Mapping.attach(handle.workspace),
      [Mapping.attach(handle.views[0]!)],
      Watch.attach(handle.watch),
      Mapping.attach(handle.staging),
      Mapping.attach(handle.zeroes),
      handle.pageBytes,
      handle,
    );
  }

  arm(bank: number): void {
    this.watch.arm(this.views[bank as 0], { missing: true, writeProtect: this.handle.barrier === 'kernel' });
  }

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
        const first = (offset + done * pageBytes) / 4; // left by an earlier owner: mapped, so this cannot fault
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
    for (const mapping of [...this.views, this.workspace, this.staging, this.zeroes]) mapping.close();
  }
}
