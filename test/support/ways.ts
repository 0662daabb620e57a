/** Every way in which a compaction can be done: a resolution, who resolves faults, and a flip. */
import type { Delivery } from '../../heap/index.js';

export interface Way {
  readonly resolution: string;
  readonly flip: string;
  readonly delivery: string;
}

const CONCURRENT: readonly (readonly [string, readonly Delivery[], readonly string[]])[] = [
  ['continue', ['handler', 'signal'], ['bank', 'remap']],
  ['copy', ['handler', 'signal'], ['remap']],
  ['move', ['handler', 'signal'], ['remap']],
  ['protect', ['signal'], ['bank', 'remap']],
];

/** Those in which mutators run beside the compaction. */
export const CONCURRENT_WAYS: readonly Way[] = CONCURRENT.flatMap(([resolution, deliveries, flips]) =>
  deliveries.flatMap((delivery) => flips.map((flip) => ({ resolution, delivery, flip }))),
);

export const STOPPED: Way = { resolution: 'stw', delivery: 'none', flip: 'none' };

export const WAYS: readonly Way[] = [...CONCURRENT_WAYS, STOPPED];

export const nameOf = ({ resolution, delivery, flip }: Way): string => `${resolution} × ${delivery} × ${flip}`;
