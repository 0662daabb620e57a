/** Two views of one memfd. The idle one is armed and empty all the time; the flip is one store to the word that says which. */
import { FlipWord } from '../../heap/index.js';
import type { Flip } from './flip.js';

export const bankFlip: Flip = {
  name: 'bank',
  switch(heap) {
    Atomics.store(heap.meta.flip, FlipWord.BANK, 1 - heap.bank);
  },
  retire(heap) {
    heap.space.empty(1 - heap.bank);
  },
};
