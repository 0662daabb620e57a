/** Index spaces whose size is a power of two, so that `& mask` is the remainder and odd numbers have inverses. */

/** The largest power of two that is no larger than `value`, at least `least`. */
export function powerOfTwoBelow(value: number, least: number): number {
  return Math.max(least, 2 ** Math.floor(Math.log2(Math.max(1, value))));
}

/** What `odd` is multiplied by to give 1, modulo 2^32: Newton's iteration, each step doubles the bits that are right. */
export function inverse(odd: number): number {
  let found = odd;
  for (let bits = 3; bits < 32; bits *= 2) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}
