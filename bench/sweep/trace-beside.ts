/** Which file an invocation writes its trace to: the parent's side, which does not load the addon. */
import { existsSync, rmSync } from 'node:fs';
import type { InvocationConfig } from '../schema/index.js';
import type { ChildOutcome } from './child.js';

/** Where an invocation writes its trace, if it has one: beside the results file, with a number that is still free. */
export function traceFileFor({ trace }: InvocationConfig, resultsFile: string | undefined): string | undefined {
  if (!trace || resultsFile === undefined) return undefined;
  const stem = resultsFile.replace(/\.jsonl$/, '');
  let number = 1;
  while (existsSync(`${stem}-${number}.trace`)) number++;
  return `${stem}-${number}.trace`;
}

/** Takes away what an invocation that did not come to its end has written of its trace. */
export function dropUnnamed(file: string | undefined, outcome: ChildOutcome): void {
  const named = outcome.kind === 'measured' && outcome.measurement.files?.trace !== undefined;
  if (file !== undefined && !named) rmSync(file, { force: true });
}
