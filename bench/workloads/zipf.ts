/**
 * Keys under a Zipf distribution: key k, from 0, is drawn with a probability in proportion to 1 / (k+1)^skew. Drawn in
 * constant time by Walker's alias method (1974; the table is made as Vose did, 1991): a column at random, and then
 * either the key whose column it is or the one other key that shares it.
 */
import { below } from '../random.js';

/** In shared memory: made once for all mutators. */
export interface ZipfTable {
  readonly keys: number;
  /** Column → 2^32 times the probability that it is its own key that is meant. */
  readonly own: Uint32Array;
  /** Column → the other key. */
  readonly other: Uint32Array;
}

const most = 2 ** 32 - 1;

export function zipfTable(keys: number, skew: number): ZipfTable {
  const own = new Uint32Array(new SharedArrayBuffer(4 * keys));
  const other = new Uint32Array(new SharedArrayBuffer(4 * keys));
  const weights = Float64Array.from({ length: keys }, (_, key) => (key + 1) ** -skew);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  /** What is left of each key, in columns: what is below one column is filled up from what is above. */
  const left = weights.map((weight) => (weight * keys) / total);
  const small: number[] = [];
  const large: number[] = [];
  for (let key = 0; key < keys; key++) (left[key] < 1 ? small : large).push(key);
  while (small.length > 0 && large.length > 0) {
    const [column, donor] = [small.pop()!, large[large.length - 1]];
    own[column] = Math.min(most, left[column] * 2 ** 32);
    other[column] = donor;
    left[donor] -= 1 - left[column];
    if (left[donor] < 1) small.push(large.pop()!);
  }
  for (const key of [...small, ...large]) {
    own[key] = most; // but for rounding exactly one column each
    other[key] = key;
  }
  return { keys, own, other };
}

/** The key that two times 32 random bits stand for. */
export function drawKey({ keys, own, other }: ZipfTable, where: number, which: number): number {
  const column = below(where, keys);
  return which >>> 0 <= own[column] ? column : other[column];
}
