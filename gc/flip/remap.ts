/**
 * One address. The view's page tables move aside as a whole (mremap), and those of a view that was armed and filled
 * beforehand, somewhere else, move into its place: the registration stays behind, so that the view is armed again there.
 * The old ones go to a reservation that is dropped later. A private view moves to the workspace, and its pages with it,
 * which is where they are needed; an empty one takes its place.
 */
import { Control } from '../../heap/index.js';
import { type Mapping, SystemCallError } from '../../native/index.js';
import type { Flip } from './flip.js';

export const remapFlip: Flip = {
  name: 'remap',
  prepare(heap) {
    heap.space.armComing(0);
  },
  switch(heap) {
    const { space } = heap;
    const view = space.views[0]!;
    const coming = space.coming(0);
    space.watch?.disarm(view);
    move(view, space.aside ?? space.workspace);
    if (coming === null) view.renew();
    else {
      space.watch?.disarm(coming);
      coming.moveTo(view);
    }
    space.arm(0);
    if (!space.shared) heap.kernels.readThrough('workspace');
    Atomics.store(heap.control, Control.BANK, 0);
  },
  retire(heap) {
    heap.space.aside?.renew();
    heap.space.coming(0)?.renew();
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
