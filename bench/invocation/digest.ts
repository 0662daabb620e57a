/** The check at the end of a run, as a result line has it: the workload's own, and the collector's verifier. */
import { digestGraph, HeapGraph, type VerifyReport, verifyHeap } from '../../gc/verify/index.js';
import type { Heap } from '../../heap/index.js';
import { messageOf } from '../errors.js';
import type { Measurement } from '../schema/index.js';
import type { Check } from '../workloads/index.js';

/** What the verifier found, with the hash of the graph where it was asked for; or the first thing that is wrong. */
export type Found = (VerifyReport & { readonly hash?: string }) | { readonly problem: string };

export interface Verdict {
  readonly digest: Measurement['digest'];
  readonly problem: string | undefined;
}

/**
 * Walks all that can be reached. Every mutator is parked and no cycle runs. The hash, which takes a second a million
 * objects, is for runs that end at a known point: anywhere else it says nothing.
 */
export function lookThrough(heap: Heap, hashed = false): Found {
  try {
    const found = verifyHeap(heap);
    return hashed ? { ...found, hash: digestGraph(new HeapGraph(heap)).digest } : found;
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Whether the heap held what the mutators expect, all of it right, and nothing else. */
export function judge(found: Found, checks: readonly Check[]): Verdict {
  const sum = (of: (check: Check) => number) => checks.reduce((total, check) => total + of(check), 0);
  const expected = { objects: sum(({ objects }) => objects), bytes: sum(({ bytes }) => bytes) };
  const { objects, bytes, hash } = 'problem' in found ? { ...expected, hash: undefined } : found;
  const problem =
    checks.find((check) => check.problem !== undefined)?.problem ??
    ('problem' in found ? found.problem : difference(expected, found));
  const checked = sum((check) => check.checked);
  return { digest: { ok: problem === undefined, objects, bytes, checked, ...(hash && { hash }) }, problem };
}

function difference(expected: { objects: number; bytes: number }, found: VerifyReport): string | undefined {
  if (found.objects === expected.objects && found.bytes === expected.bytes) return undefined;
  return (
    `${found.objects} objects of ${found.bytes} bytes can be reached, ` +
    `and should be ${expected.objects} of ${expected.bytes}`
  );
}
