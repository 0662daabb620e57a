/** An error from anywhere below, as the `error` of a result line: a code, what went wrong, what to do about it. */
import { codeOf, hintOf, messageOf, oneLine } from '../errors.js';
import type { InvocationError } from '../schema/index.js';

interface Known {
  readonly code: string;
  readonly hint: string;
}

const bug = 'a bug of the collector or the workload: run it again with the same --seed, and report it';

/** By the error's name. */
const known: Readonly<Record<string, Known>> = {
  OutOfMemoryError: { code: 'OUT_OF_MEMORY', hint: 'use a larger --heap or a smaller --scale' },
  StrayAccess: { code: 'STRAY_ACCESS', hint: bug },
  UnavailableError: { code: 'USERFAULTFD_UNAVAILABLE', hint: 'continuum probe says what to change' },
};

/** By the code of a HeapError. */
const heapErrors: Readonly<Record<string, Known>> = {
  'no-collector': { code: 'NO_COLLECTOR', hint: bug },
  shape: { code: 'HEAP_SHAPE', hint: 'use whole MiB for --heap, from 4MiB up' },
  safepoint: { code: 'SAFEPOINT', hint: bug },
  corrupt: { code: 'COLLECTOR_FAILED', hint: bug },
};

export function failureFrom(error: unknown): InvocationError {
  if (error instanceof RunFailure) return error.reason;
  const { code, hint } = describe(error);
  return { code, message: oneLine(messageOf(error)), ...(hint !== undefined && { hint }) };
}

function describe(error: unknown): { code: string; hint: string | undefined } {
  const name = nameOf(error);
  const code = codeOf(error, 'INTERNAL');
  const found = known[name] ?? (name === 'HeapError' ? heapErrors[code] : undefined);
  return found ?? { code: code.toUpperCase().replaceAll('-', '_'), hint: hintOf(error) };
}

/** The class's name; an error that came from another thread has lost it, but for its stack's first line. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name !== 'Error') return error.name;
  return /^(\w+)(?: \[\w+\])?: /.exec(error.stack ?? '')?.[1] ?? 'Error';
}

/** An error that is described already. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  constructor(readonly reason: InvocationError) {
    super(reason.message);
  }
}
