// deadline: 900s
/** Sizes and heaps at which something ends, as programs of their own, on every way. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exitAfterwards } from '../support/exit.js';
import { SMALL_HEAP_BYTES, SMALL_REGION_BYTES } from '../support/random-heap.js';
import { nameOf, WAYS } from '../support/ways.js';
import { Bench } from './check.js';
import { type Program, REGISTERS, type Step } from './program.js';
import { EDGES } from './programs.js';
import { settingOf } from './settings.js';

exitAfterwards(test);

const REGIONS = SMALL_HEAP_BYTES / SMALL_REGION_BYTES;
const GRANULES = SMALL_REGION_BYTES / 8;
/** Half a region is the largest that is not humongous. */
const AROUND_REGIONS = [
  GRANULES / 2 - 1,
  GRANULES / 2,
  GRANULES / 2 + 1,
  GRANULES - 1,
  GRANULES,
  GRANULES + 1,
  2 * GRANULES + 1,
];
const ALL = 2 ** 20;
const LOOK: readonly Step[] = [{ do: 'look' }, { do: 'collect' }, { do: 'look' }];

interface Shape {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Allocations that find no room. */
  readonly refused?: number;
}

/** Objects of one size among garbage of the same: without references, with one, and of nothing else. */
function ofSize(granules: number, count: number): Step[] {
  const slots = [...Array(REGISTERS).keys()];
  return [
    { do: 'list', slot: 0, count, granules, keep: 2 },
    { do: 'fan', slot: 1, count: Math.min(count, 200), granules },
    { do: 'new', slot: 2, granules, links: 0 },
    { do: 'new', slot: 3, granules, links: 1 },
    { do: 'new', slot: 4, granules, links: ALL },
    { do: 'store', into: 4, field: 0, value: 0 },
    { do: 'store', into: 4, field: 2 * granules - 3, value: 1 },
    { do: 'cut', into: 1, field: 1 },
    { do: 'look' },
    { do: 'reach', stage: 'mark' },
    { do: 'store', into: 3, field: 0, value: 4 },
    { do: 'reach', stage: 'compact' },
    { do: 'walk', slot: 0, field: 0, steps: count },
    ...LOOK,
    { do: 'walk', slot: 0, field: 0, steps: count },
    ...slots.map((slot): Step => ({ do: 'drop', slot })),
  ];
}

/** Objects of about 8 KiB, seven a region, that fill so many regions. */
const filled = (slot: number, regions: number, keep: number): Step => ({
  do: 'list',
  slot,
  count: 7 * regions,
  granules: 1024,
  keep,
});

const SHAPES: readonly Shape[] = [
  ...EDGES.map((granules) => ({ name: `objects of ${granules} granules`, steps: ofSize(granules, 120) })),
  ...AROUND_REGIONS.map((granules) => ({ name: `objects of ${granules} granules`, steps: ofSize(granules, 6) })),
  { name: 'an empty heap', steps: [...LOOK, ...LOOK, { do: 'reach', stage: 'compact' }] },
  {
    name: 'everything live',
    steps: [filled(0, REGIONS / 2, 1), ...LOOK, ...LOOK, { do: 'walk', slot: 0, field: 0, steps: 4096 }],
  },
  { name: 'nothing live', steps: [filled(0, 4 * REGIONS, 4096), { do: 'drop', slot: 0 }, ...LOOK, ...LOOK] },
  {
    name: 'a full heap',
    steps: [
      filled(0, REGIONS - 12, 1),
      ...LOOK,
      { do: 'walk', slot: 0, field: 0, steps: 4096 },
      // More than there is room for, and then again as much as there was: nothing of what was let go of is left.
      filled(1, REGIONS, 1),
      ...LOOK,
      filled(0, REGIONS - 12, 1),
      ...LOOK,
    ],
    refused: 1,
  },
  {
    name: 'an object larger than the heap, and one as large as what is free',
    steps: [
      { do: 'new', slot: 0, granules: REGIONS * GRANULES + 1, links: 0 },
      { do: 'new', slot: 0, granules: (REGIONS - 8) * GRANULES, links: 9 },
      { do: 'store', into: 0, field: 8, value: 0 },
      ...LOOK,
    ],
    refused: 1,
  },
];

for (const way of WAYS) {
  const bench = new Bench(way, settingOf(way, 'plain'));
  for (const { name, steps, refused = 0 } of SHAPES) {
    test(`${nameOf(way)}: ${name}`, async () => {
      const program: Program = { players: 1, turns: true, operations: steps.map((step) => [0, step]) };
      const before = { ...bench.figures };
      await bench.play(program, 1);
      assert.is(bench.figures.outOfMemory - before.outOfMemory, refused, 'allocations that were refused');
    });
  }
  test(`${nameOf(way)}: the heaps are given back`, async () => {
    await bench.close();
    assert.ok(bench.figures.evacuated > 0, 'nothing moved');
  });
}

test.run();
