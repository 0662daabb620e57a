import { bankFlip } from './bank.js';
import type { Flip } from './flip.js';
import { noFlip } from './none.js';
import { remapFlip } from './remap.js';

/** Every flip there is: one line each. */
export const FLIPS: Readonly<Record<string, Flip>> = { bank: bankFlip, remap: remapFlip, none: noFlip };

export type { Flip } from './flip.js';
