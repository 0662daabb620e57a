/**
 * Private anonymous memory: what UFFDIO_COPY needs. There is only the view until a flip moves its pages to the
 * workspace; new pages come into the view by UFFDIO_COPY, zero ones included.
 */
import { Mapping, residentBytesOf, Userfaultfd } from '../../native/index.js';
import type { Layout } from '../layout.js';
import { MAX_SLOTS } from '../page-state.js';
import type { Space, SpaceHandle } from './space.js';

const EEXIST = 17;
const EAGAIN = 11;
const ZERO_BYTES = 1 << 20;

export class PrivateSpace implements Space {
  readonly kind = 'private';
  readonly aside = null;
  private readonly words: Int32Array;

  private constructor(
    readonly workspace: Mapping,
    readonly views: readonly [Mapping],
    readonly userfaultfd: Userfaultfd,
    readonly staging: Mapping,
    private readonly zeroes: Mapping,
    readonly handle: SpaceHandle & { readonly kind: 'private'; readonly zeroes: number },
  ) {
    this.words = new Int32Array(views[0].buffer); // bytes would stop at 4 GiB
  }

  static create(layout: Layout): PrivateSpace {
    const userfaultfd = Userfaultfd.open({ optional: ['THREAD_ID'] });
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
      userfaultfd: userfaultfd.id,
      zeroes: zeroes.id,
    };
    const space = new PrivateSpace(workspace, [view], userfaultfd, staging, zeroes, handle);
    space.arm(0);
    return space;
  }

  static attach(handle: SpaceHandle & { readonly kind: 'private'; readonly zeroes: number }): PrivateSpace {
    return new PrivateSpace(
      Mapping.attach(handle.workspace),
      [Mapping.attach(handle.views[0]!)],
      Userfaultfd.attach(handle.userfaultfd),
      Mapping.attach(handle.staging),
      Mapping.attach(handle.zeroes),
      handle,
    );
  }

  arm(bank: number): void {
    const view = this.views[bank as 0];
    this.userfaultfd.register(view, 0, view.bytes, { missing: true });
  }

  provide(_bank: number, offset: number, length: number): void {
    const view = this.views[0];
    for (let done = 0; done < length; ) {
      const size = Math.min(length - done, ZERO_BYTES);
      const result = this.userfaultfd.tryCopy(view, offset + done, this.zeroes, 0, size);
      if (result > 0) {
        done += result;
      } else if (result === -EEXIST) {
        this.words.fill(0, (offset + done) / 4, (offset + done + 4096) / 4); // a page that an earlier owner left: it is mapped, so this cannot fault
        done += 4096;
      } else if (result !== -EAGAIN) {
        this.userfaultfd.copy(view, offset + done, this.zeroes, 0, size);
      }
    }
  }

  release(offset: number, length: number): void {
    this.views[0].advise(offset, length, 'dontneed');
  }

  residentBytes(): number {
    const { workspace, views } = this;
    return residentBytesOf(workspace.address, workspace.bytes) + residentBytesOf(views[0].address, views[0].bytes);
  }

  close(): void {
    this.userfaultfd.close();
    for (const mapping of [...this.views, this.workspace, this.staging, this.zeroes]) mapping.close();
  }
}
