/** No flip: one view, which nobody arms, because mutators stand still until everything is in its place. */
import type { Flip } from './flip.js';

export const noFlip: Flip = {
  name: 'none',
  switch() {},
  retire() {},
};
