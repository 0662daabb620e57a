/**
 * One address. The view's page tables move aside as a whole (mremap), to a reservation that is dropped later, and a fresh
 * mapping takes its place and is armed. A private view moves to the workspace, and its pages with it, which is where they
 * are needed.
 *
 * For a moment of the pause the fresh mapping is watched by nobody. Mutators stand still, and what anybody else maps of it
 * arm() drops. That is why no page is mapped ahead of this flip: a view that is filled at another address and moved here is
 * not watched while it moves (userfaultfd lets go of what mremap moves), and to find what was mapped in it meanwhile takes
 * longer the larger the heap is.
 */
import { type Mapping, SystemCallError } from '../../native/index.js';
import type { Flip } from './flip.js';

export const remapFlip: Flip = {
  name: 'remap',
  switch(heap) {
    const { space } = heap;
    const view = space.views[0]!;
    space.watch?.disarm(view);
    move(view, space.aside ?? space.workspace);
    view.renew();
    space.arm(0);
    if (!space.shared) heap.kernels.readThrough('workspace');
  },
  retire(heap) {
    heap.space.aside?.renew();
  },
};

/**
 * Where mprotect guards a view it is in pieces: before Linux 6.17 mremap moves one piece only, and they may be all the
 * mappings that the process can have. Make it one.
 */
function move(view: Mapping, to: Mapping): void {
  try {
    view.moveTo(to);
  } catch (error) {
    if (!(error instanceof SystemCallError && (error.code === 'EFAULT' || error.code === 'ENOMEM'))) throw error;
    view.protect(0, view.bytes, 'readwrite');
    view.moveTo(to);
  }
}
