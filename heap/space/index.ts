/** Every kind of memory a heap can be made of: one line each to make it, one to find it again from another thread. */
import type { Layout } from '../layout.js';
import type { SpaceOptions } from './options.js';
import { type PrivateHandle, PrivateSpace } from './private.js';
import { type SingleHandle, SingleSpace } from './single.js';
import type { Space, SpaceKind } from './space.js';
import { type TwinHandle, TwinSpace } from './twin.js';

export type AnySpaceHandle = TwinHandle | PrivateHandle | SingleHandle;

/** Throws UnavailableError where the kernel lacks what the kind needs. */
export function createSpace(layout: Layout, kind: SpaceKind, options: SpaceOptions): Space {
  switch (kind) {
    case 'twin':
      return TwinSpace.create(layout, options);
    case 'guarded':
      return TwinSpace.create(layout, options, true);
    case 'private':
      return PrivateSpace.create(layout, options);
    case 'movable':
      return PrivateSpace.create(layout, options, true);
    case 'single':
      return SingleSpace.create(layout, options);
  }
}

export function attachSpace(handle: AnySpaceHandle): Space {
  switch (handle.kind) {
    case 'twin':
    case 'guarded':
      return TwinSpace.attach(handle);
    case 'private':
    case 'movable':
      return PrivateSpace.attach(handle);
    case 'single':
      return SingleSpace.attach(handle);
  }
}
