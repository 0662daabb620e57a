/** Bitmaps of 32-bit words: bit `granule` is bit granule & 31 of word granule >>> 5. */
export function setBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5] |= 1 << (at & 31);
}

export function clearBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5] &= ~(1 << (at & 31));
}

export function setRange(bits: Uint32Array, from: number, to: number): void {
  let at = from;
  for (; at < to && (at & 31) !== 0; at++) setBit(bits, at);
  for (; at + 32 <= to; at += 32) bits[at >>> 5] = 0xffffffff;
  for (; at < to; at++) setBit(bits, at);
}

export function clearRange(bits: Uint32Array, from: number, to: number): void {
  let at = from;
  for (; at < to && (at & 31) !== 0; at++) clearBit(bits, at);
  for (; at + 32 <= to; at += 32) bits[at >>> 5] = 0;
  for (; at < to; at++) clearBit(bits, at);
}

/** Set bits in [from, to), a stretch that a block of 64 holds. */
export function countBits(bits: Uint32Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at = (at | 31) + 1) {
    const above = 0xffffffff << (at & 31);
    const below = to >= (at | 31) + 1 ? 0xffffffff : (1 << (to & 31)) - 1;
    count += popcount(bits[at >>> 5] & above & below);
  }
  return count;
}

/** The first set bit in [from, to), or `to`. */
export function nextBit(bits: Uint32Array, from: number, to: number): number {
  for (let at = from; at < to; at = (at | 31) + 1) {
    const word = bits[at >>> 5] & (0xffffffff << (at & 31));
    if (word !== 0) return Math.min(to, (at & ~31) + 31 - Math.clz32(word & -word));
  }
  return to;
}

function popcount(word: number): number {
  let count = word - ((word >>> 1) & 0x55555555);
  count = (count & 0x33333333) + ((count >>> 2) & 0x33333333);
  return Math.imul((count + (count >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
