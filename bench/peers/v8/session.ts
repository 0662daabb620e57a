/** A workload in plain JavaScript objects: the sessions of bench/workloads without a heap of ours. */
import { GRANULE_BYTES } from '../../../heap/address.js';
import { sizeInGranules } from '../../../heap/object.js';
import type { Ending } from '../../workloads/workload.js';

export interface Part {
  readonly scale: number;
  readonly seed: number;
  readonly progress: (fraction: number) => void;
}

export interface Check {
  readonly problem?: string;
  readonly checked: number;
  /** Of what was done: the same for the same seed and operations. */
  readonly checksum: number;
  /** Live at the end, counted in our objects' sizes. */
  readonly bytes: number;
}

export interface Session {
  setUp(): void;
  batch(): number;
  readonly ending?: Ending;
  check(): Check;
  /** Full collections that the session asked for, ms each. */
  readonly fullMs?: readonly number[];
}

/** Bytes such an object takes in our heap. */
export function ourBytes(references: number, payloadBytes: number): number {
  return GRANULE_BYTES * sizeInGranules(references, payloadBytes);
}

/** An entry of churn and fullgc: 64 B, of which V8 needs 24 itself and 8 for each field. */
export class Entry {
  a: Entry | null = null;
  b: Entry | null = null;
  constructor(
    readonly tag: number,
    readonly first: number,
    readonly last: number,
  ) {}
}
