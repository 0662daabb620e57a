/** Damage to files, and a watch on how much memory is asked for while somebody reads them. */
import fc from 'fast-check';

/** One thing that happens to a file's bytes. Positions are shares of its length, so that they shrink with it. */
type Damage =
  | { readonly how: 'cut'; readonly at: number }
  | { readonly how: 'flip'; readonly at: number; readonly bit: number }
  | { readonly how: 'word'; readonly at: number; readonly value: number; readonly little: boolean }
  | { readonly how: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly how: 'remove'; readonly at: number; readonly count: number }
  | { readonly how: 'repeat'; readonly at: number; readonly count: number };

const at = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const HUGE = [0, 1, 0x7f, 0x80, 0xff, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff] as const;

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ how: fc.constant('cut' as const), at }),
  { weight: 3, arbitrary: fc.record({ how: fc.constant('flip' as const), at, bit: fc.nat({ max: 7 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      how: fc.constant('word' as const),
      at,
      value: fc.oneof(fc.constantFrom(...HUGE), fc.nat({ max: 0xffff_ffff })),
      little: fc.boolean(),
    }),
  },
  fc.record({ how: fc.constant('insert' as const), at, bytes: fc.uint8Array({ minLength: 1, maxLength: 40 }) }),
  fc.record({ how: fc.constant('remove' as const), at, count: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ how: fc.constant('repeat' as const), at, count: fc.integer({ min: 1, max: 400 }) }),
);

export const damages = fc.array(damage, { minLength: 1, maxLength: 4 });

export function spoil(bytes: Uint8Array, by: readonly Damage[]): Uint8Array {
  return by.reduce(spoilOnce, bytes.slice());
}

function spoilOnce(bytes: Uint8Array, damage: Damage): Uint8Array {
  const at = Math.floor(damage.at * bytes.length);
  const around = (...middle: readonly Uint8Array[]) => Uint8Array.from(middle.flatMap((part) => [...part]));
  switch (damage.how) {
    case 'cut':
      return bytes.slice(0, at);
    case 'flip': {
      const flipped = bytes.slice();
      if (at < flipped.length) flipped[at] ^= 1 << damage.bit;
      return flipped;
    }
    case 'word': {
      const written = bytes.slice();
      if (at + 4 <= written.length) new DataView(written.buffer).setUint32(at, damage.value, damage.little);
      return written;
    }
    case 'insert':
      return around(bytes.subarray(0, at), damage.bytes, bytes.subarray(at));
    case 'remove':
      return around(bytes.subarray(0, at), bytes.subarray(at + damage.count));
    case 'repeat':
      return around(bytes.subarray(0, at + damage.count), bytes.subarray(at));
  }
}

const WATCHED = ['Uint8Array', 'Uint32Array', 'Int32Array', 'Float64Array'] as const;

/** Runs `read`, and returns its result with the bytes of the largest typed array that it made. */
export async function watched<T>(read: () => T | Promise<T>): Promise<{ result: T; largest: number }> {
  let largest = 0;
  const real = WATCHED.map((name) => [name, globalThis[name]] as const);
  for (const [name, made] of real) {
    const watch = new Proxy(made, {
      construct(target, args, newTarget) {
        if (typeof args[0] === 'number') largest = Math.max(largest, args[0] * target.BYTES_PER_ELEMENT);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    Reflect.set(globalThis, name, watch);
  }
  try {
    return { result: await read(), largest };
  } finally {
    for (const [name, made] of real) Reflect.set(globalThis, name, made);
  }
}
