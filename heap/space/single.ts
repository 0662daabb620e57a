/** One mapping, watched by nobody: what a collector needs that does everything with the mutators stopped. */
import { Mapping, residentBytesOf } from '../../native/index.js';
import type { Layout } from '../layout.js';
import type { SpaceOptions } from './options.js';
import type { Space, SpaceHandle } from './space.js';

export interface SingleHandle extends SpaceHandle {
  readonly kind: 'single';
}

export class SingleSpace implements Space {
  readonly kind = 'single';
  readonly shared = true;
  readonly aside = null;
  readonly staging = null;
  readonly watch = null;
  readonly poisons = false;
  readonly views: readonly [Mapping];
  private readonly words: Int32Array;

  private constructor(readonly workspace: Mapping) {
    this.views = [workspace];
    this.words = new Int32Array(workspace.buffer); // bytes would stop at 4 GiB
  }

  static create(layout: Layout, { coreDump }: SpaceOptions): SingleSpace {
    return new SingleSpace(Mapping.anonymous(layout.spanBytes, { dumped: coreDump === 'heap' }));
  }

  static attach(handle: SingleHandle): SingleSpace {
    return new SingleSpace(Mapping.attach(handle.workspace));
  }

  get handle(): SingleHandle {
    const { id } = this.workspace;
    return { kind: 'single', workspace: id, views: [id], aside: 0, staging: 0, watch: null, barrier: 'software' };
  }

  arm(): void {}

  empty(): void {}

  coming(): null {
    return null;
  }

  withdraw(): void {}

  provide(_bank: number, offset: number, length: number): void {
    this.words.fill(0, offset / 4, (offset + length) / 4);
  }

  release(offset: number, length: number): void {
    this.workspace.advise(offset, length, 'dontneed');
  }

  residentBytes(): number {
    return residentBytesOf(this.workspace.address, this.workspace.bytes);
  }

  disarm(): void {}

  close(): void {
    this.workspace.close();
  }
}
