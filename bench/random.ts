/** Random numbers as 32-bit integers: no objects, no allocation, the same sequence for the same seed everywhere. */

/** Scrambles 32 bits, one to one: MurmurHash3's finalizer. */
export function mix(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The state after `state`, which is its own random number: Marsaglia's xorshift. Neither is ever 0. */
export function nextRandom(state: number): number {
  let bits = state;
  bits ^= bits << 13;
  bits ^= bits >>> 17;
  return bits ^ (bits << 5);
}

/** A state to begin with; `stream` sets sequences of one seed apart. */
export function seedState(seed: number, stream = 0): number {
  return mix(mix(seed) + Math.imul(stream, 0x9e3779b1)) || 1;
}

/** A whole number of 0 … bound-1 from 32 random bits; `bound` to 2^32. */
export function below(random: number, bound: number): number {
  return Math.floor((random >>> 0) * 2 ** -32 * bound);
}
