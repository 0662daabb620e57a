/** Points that were lost to something outside the program that is measured, and what a later line of them means. */
import type { ResultLine } from '../schema/index.js';
import { pointKey } from './points.js';

/** Error codes of lost points. A crash of its own, or a heap that is too small, is a result. */
const codes: ReadonlySet<string> = new Set(['DEADLINE', 'KILLED', 'CHILD_NOT_STARTED']);

export function isLost({ error }: Pick<ResultLine, 'error'>): boolean {
  return error !== undefined && codes.has(error.code);
}

/** Lines without those of lost points that a later line repeats. What was measured stays, however often. */
export function withoutRepeated(lines: readonly ResultLine[]): ResultLine[] {
  if (!lines.some(isLost)) return [...lines];
  const last = new Map(lines.map((line, index) => [pointKey(line), index]));
  return lines.filter((line, index) => !isLost(line) || last.get(pointKey(line)) === index);
}
