/** What of two runs' environments is not the same. */
import type { Environment, ResultLine } from '../schema/index.js';

export interface Difference {
  /** In words: `kernel`, `processor`. */
  readonly what: string;
  /** All values that occur, in the order in which they came. */
  readonly a: readonly string[];
  readonly b: readonly string[];
}

/** The load is left out: it differs from line to line. */
const compared: readonly (readonly [what: string, value: (environment: Environment) => unknown])[] = [
  ['kernel', ({ kernel }) => kernel],
  ['processor', ({ cpu }) => cpu],
  ['cores', ({ cores }) => cores],
  ['memory, bytes', ({ memoryBytes }) => memoryBytes],
  ['Node', ({ node }) => node],
  ['version', ({ continuum }) => continuum],
  ['commit', ({ commit }) => commit ?? 'none'],
  ['huge pages, anonymous', (environment) => environment.transparentHugePages.anonymous ?? 'none'],
  ['huge pages, shared', (environment) => environment.transparentHugePages.shmem ?? 'none'],
  ['userfaultfd by', ({ openedBy }) => openedBy ?? 'nothing'],
];

export function differencesOf(a: readonly ResultLine[], b: readonly ResultLine[]): Difference[] {
  return compared.flatMap(([what, value]) => {
    const [ofA, ofB] = [a, b].map((lines) => [...new Set(lines.map(({ environment }) => String(value(environment))))]);
    const same = ofA.length === ofB.length && ofA.every((one) => ofB.includes(one));
    return same ? [] : [{ what, a: ofA, b: ofB }];
  });
}
