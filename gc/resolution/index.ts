import { continueResolution } from './continue.js';
import { copyResolution } from './copy.js';
import { moveResolution } from './move.js';
import { protectResolution } from './protect.js';
import type { ResolutionKind } from './resolution.js';
import { stwResolution } from './stw.js';

/** Every resolution there is: one line each. */
export const RESOLUTIONS: Readonly<Record<string, ResolutionKind>> = {
  continue: continueResolution,
  copy: copyResolution,
  move: moveResolution,
  protect: protectResolution,
  stw: stwResolution,
};

export type { Resolution, ResolutionKind } from './resolution.js';
