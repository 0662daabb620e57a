/** What no function of the addon should be handed: each made anew, for some of them are spent by their first use. */

export interface Hostile {
  readonly name: string;
  readonly make: () => unknown;
}

/** Thrown by getters, valueOf and traps of our own, so that it can be told from what the addon throws. */
export class Sprung extends Error {
  override readonly name = 'Sprung';
}

function spring(): never {
  throw new Sprung('a hostile value was asked for something');
}

/** Any operation on it at all throws. */
export function trap(): object {
  return new Proxy(
    {},
    { get: spring, has: spring, ownKeys: spring, getOwnPropertyDescriptor: spring, getPrototypeOf: spring },
  );
}

function detached<T extends Int32Array | Float64Array>(array: T): T {
  structuredClone(array.buffer, { transfer: [array.buffer as ArrayBuffer] });
  return array;
}

/** Numbers at which some integer type ends, or that are none. */
export const NUMBERS: readonly number[] = [
  ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -0.5, 0.5, 1.5, -(2 ** 31), -(2 ** 63)],
  ...[2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 46, 2 ** 46 + 4096, 2 ** 52, 2 ** 53 - 1, 2 ** 53],
  ...[2 ** 53 + 2, 2 ** 63 - 1024, 2 ** 63, 2 ** 64 - 4096, 2 ** 64 - 2048, 2 ** 64, 1e300, Number.MAX_VALUE, 5e-324],
];

const OTHERS: readonly Hostile[] = [
  { name: 'undefined', make: () => undefined },
  { name: 'null', make: () => null },
  { name: 'true', make: () => true },
  { name: "''", make: () => '' },
  { name: "'0'", make: () => '0' },
  { name: 'a long string', make: () => 'x'.repeat(100_000) },
  { name: 'a symbol', make: () => Symbol('hostile') },
  { name: '0n', make: () => 0n },
  { name: '2n ** 64n', make: () => 2n ** 64n },
  { name: 'an object', make: () => ({}) },
  { name: 'an object with a throwing valueOf', make: () => ({ valueOf: spring, toString: spring }) },
  { name: 'a proxy that throws', make: trap },
  { name: 'a function', make: () => spring },
  { name: '[0]', make: () => [0] },
  { name: 'a Number object', make: () => Object(0) },
];

/** Arrays where numbers are wanted, and arrays of the wrong kind, length or memory where arrays are. */
const ARRAYS: readonly Hostile[] = [
  { name: 'an empty Int32Array', make: () => new Int32Array(0) },
  { name: 'an empty Float64Array', make: () => new Float64Array(0) },
  { name: 'a detached Int32Array', make: () => detached(new Int32Array(64)) },
  { name: 'a detached Float64Array', make: () => detached(new Float64Array(64)) },
  { name: 'a Uint8Array', make: () => new Uint8Array(4096) },
  { name: 'a Uint32Array', make: () => new Uint32Array(4096) },
  { name: 'a BigInt64Array', make: () => new BigInt64Array(64) },
  { name: 'a DataView', make: () => new DataView(new ArrayBuffer(64)) },
  { name: 'an ArrayBuffer', make: () => new ArrayBuffer(64) },
  { name: 'a SharedArrayBuffer', make: () => new SharedArrayBuffer(64) },
];

const nameOf = (number: number) => (Number.isInteger(Math.log2(number)) ? `2 ** ${Math.log2(number)}` : `${number}`);

export const HOSTILE: readonly Hostile[] = [
  ...NUMBERS.map((number) => ({ name: nameOf(number), make: () => number })),
  ...OTHERS,
  ...ARRAYS,
];
