import { continueResolution } from './continue.js';
import { copyResolution } from './copy.js';
import type { ResolutionKind } from './resolution.js';

/** Every resolution there is: one line each. */
export const RESOLUTIONS: Readonly<Record<string, ResolutionKind>> = {
  continue: continueResolution,
  copy: copyResolution,
};

export type { Resolution, ResolutionKind } from './resolution.js';
