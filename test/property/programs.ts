/** Arbitrary programs. Small numbers are the simple ones: a program shrinks to few operations on few small objects. */
import fc from 'fast-check';
import { GLOBALS, OPERANDS, PINS, PLAYERS, type Program, type Step } from './program.js';

/** Sizes at which something ends, in granules: words of a bitmap, blocks, pages; half a region and whole ones. */
export const EDGES = [1, 2, 3, 4, 7, 8, 63, 64, 65, 511, 512, 513, 1023, 1024, 1025] as const;
const LARGE = [4095, 4096, 4097, 8191, 8192, 8193, 16_383, 16_385, 30_000] as const;
/** Granules of the whole heap, about: these are refused, or take the place of everything else. */
const ENORMOUS = [200_000, 480_000, 524_288, 524_289, 2 ** 24] as const;

const slot = fc.nat({ max: OPERANDS - 1 });
const field = fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: fc.nat({ max: 2048 }) });
const word = fc.integer();
const granules = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 24 }) },
  { weight: 20, arbitrary: fc.constantFrom(...EDGES) },
  { weight: 8, arbitrary: fc.constantFrom(...LARGE) },
  { weight: 1, arbitrary: fc.constantFrom(...ENORMOUS) },
);
const small = fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 64 }) }, fc.constantFrom(...EDGES));
const count = fc.oneof(
  { weight: 2, arbitrary: fc.nat({ max: 40 }) },
  { weight: 2, arbitrary: fc.nat({ max: 400 }) },
  { weight: 1, arbitrary: fc.nat({ max: 2000 }) },
);

const keep = fc.constantFrom(1, 2, 3, 5, 10, 40);

const on = <K extends Step['do']>(name: K) => ({ do: fc.constant(name) });
const quick: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 14,
    arbitrary: fc.record({
      ...on('new'),
      slot,
      granules,
      links: fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 4 }) }, fc.nat({ max: 2 ** 17 })),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ ...on('list'), slot, count, granules: small, keep }),
  },
  { weight: 4, arbitrary: fc.record({ ...on('fan'), slot, count: fc.nat({ max: 200 }), granules: small }) },
  { weight: 10, arbitrary: fc.record({ ...on('load'), from: slot, field, to: slot }) },
  { weight: 12, arbitrary: fc.record({ ...on('store'), into: slot, field, value: slot }) },
  { weight: 3, arbitrary: fc.record({ ...on('cut'), into: slot, field }) },
  { weight: 4, arbitrary: fc.record({ ...on('copy'), from: slot, to: slot }) },
  { weight: 3, arbitrary: fc.record({ ...on('drop'), slot }) },
  { weight: 4, arbitrary: fc.record({ ...on('publish'), slot, global: fc.nat({ max: GLOBALS - 1 }) }) },
  { weight: 4, arbitrary: fc.record({ ...on('fetch'), slot, global: fc.nat({ max: GLOBALS - 1 }) }) },
  { weight: 6, arbitrary: fc.record({ ...on('write'), slot, index: field, value: word }) },
  { weight: 3, arbitrary: fc.record({ ...on('retag'), slot, value: word }) },
  { weight: 14, arbitrary: fc.record({ ...on('walk'), slot, field, steps: fc.nat({ max: 300 }) }) },
  { weight: 3, arbitrary: fc.record({ ...on('enter'), slots: fc.integer({ min: 1, max: 40 }) }) },
  { weight: 3, arbitrary: fc.record({ ...on('leave') }) },
  { weight: 3, arbitrary: fc.record({ ...on('pin'), slot, pin: fc.nat({ max: PINS - 1 }) }) },
  { weight: 3, arbitrary: fc.record({ ...on('unpin'), pin: fc.nat({ max: PINS - 1 }) }) },
  { weight: 3, arbitrary: fc.record({ ...on('safepoint') }) },
  { weight: 2, arbitrary: fc.record({ ...on('readable'), slot }) },
);

/** What takes a cycle, or the time of one. */
const slow: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ ...on('hide'), slot, field: fc.nat({ max: 3 }), steps: fc.nat({ max: 100 }), to: slot }),
  },
  { weight: 1, arbitrary: fc.record({ ...on('park'), ms: fc.nat({ max: 2 }) }) },
  { weight: 3, arbitrary: fc.record({ ...on('ask') }) },
  { weight: 1, arbitrary: fc.record({ ...on('collect') }) },
  { weight: 1, arbitrary: fc.record({ ...on('rejoin') }) },
  { weight: 1, arbitrary: fc.record({ ...on('look') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      ...on('reach'),
      stage: fc.constantFrom('mark' as const, 'ahead' as const, 'compact' as const),
    }),
  },
);

/** Operations of a program, at most, and how many of them it takes to one slow one: as many slow ones in a long program. */
const LENGTH = 160;
const RATIO = 10;

/** `length`: operations at most. Long programs do more between two collections, and so more in the same time. */
export function programs(length = LENGTH): fc.Arbitrary<Program> {
  const step = fc.oneof(
    { weight: Math.round((RATIO * length) / LENGTH), arbitrary: quick },
    { weight: 1, arbitrary: slow },
  );
  return fc.record({
    players: fc.integer({ min: 1, max: PLAYERS }),
    turns: fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    operations: fc.array(fc.tuple(fc.nat({ max: PLAYERS - 1 }), step), {
      minLength: 1,
      maxLength: length,
      size: 'max',
    }),
  });
}
