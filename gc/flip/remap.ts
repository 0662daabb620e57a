/**
 * One address. The view's page tables move aside as a whole (mremap), and an empty armed mapping takes their place.
 * A twin view moves to a reservation that is dropped later; a private one moves to the workspace, and its pages with
 * it, which is where they are needed.
 */
import { Control } from '../../heap/index.js';
import type { Flip } from './flip.js';

export const remapFlip: Flip = {
  name: 'remap',
  prepare() {},
  switch(heap) {
    const { space } = heap;
    const view = space.views[0]!;
    view.moveTo(space.aside ?? space.workspace);
    view.renew();
    space.arm(0);
    if (!space.shared) heap.kernels.readThrough('workspace');
    Atomics.store(heap.control, Control.BANK, 0);
  },
  retire(heap) {
    heap.space.aside?.renew();
  },
};
