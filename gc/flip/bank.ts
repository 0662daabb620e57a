/** Two views of one memfd. The idle one is armed beforehand; the flip is one store to the word that says which. */
import { Control } from '../../heap/index.js';
import type { Flip } from './flip.js';

export const bankFlip: Flip = {
  name: 'bank',
  prepare(heap) {
    heap.space.armComing(heap.bank);
  },
  switch(heap) {
    Atomics.store(heap.control, Control.BANK, 1 - heap.bank);
  },
  retire(heap) {
    heap.space.views[1 - heap.bank]!.renew();
  },
};
