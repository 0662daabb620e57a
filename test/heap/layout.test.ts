import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  defaultShape,
  encodeState,
  GLOBAL_SLOTS,
  HeapError,
  HUGE_PAGE_BYTES,
  LOG_ENTRIES,
  layOut,
  MAX_GENERATION,
  MAX_HEAP_BYTES,
  MAX_SLOTS,
  PageState,
  RegionState,
  roundUp,
  STACK_SLOTS,
  slotOf,
  stateOf,
  WANTED,
  wordOf,
} from '../../heap/index.js';
import { Kernels } from '../../native/index.js';

const MIB = 2 ** 20;

for (const bytes of [64 * MIB, 1024 * MIB]) {
  test(`metadata of ${bytes / MIB} MiB and 2 mutators takes at most 4.5% of the heap`, () => {
    const { metadataBytes } = layOut(defaultShape(bytes, 2));
    assert.ok(metadataBytes <= 0.045 * bytes, `${((100 * metadataBytes) / bytes).toFixed(2)}%`);
  });
}

test('columns are aligned, in the mapping, and do not overlap', () => {
  for (const shape of [
    defaultShape(64 * MIB, 2),
    defaultShape(4 * MIB, 7),
    { bytes: 4 * MIB, regionBytes: 64 << 10, pageBytes: 4096, mutators: 1 },
    { bytes: 64 * MIB, regionBytes: 2 * MIB, pageBytes: 2 * MIB, mutators: 1 },
  ]) {
    const layout = layOut(shape);
    const { granules, pages, regions, mutators } = layout;
    const columns: [number, number][] = [
      [layout.live, granules / 8],
      [layout.starts, granules / 8],
      [layout.destination, granules / 16],
      [layout.origin, 4 * pages],
      [layout.pageState, 4 * pages],
      ...Object.values(layout.region).map((at): [number, number] => [at, 4 * regions]),
      [layout.globals, 4 * GLOBAL_SLOTS],
      [layout.stacks, 4 * STACK_SLOTS * mutators],
      [layout.logs, 4 * LOG_ENTRIES * mutators],
    ];
    columns.sort(([a], [b]) => a - b);
    let end = 0;
    for (const [at, length] of columns) {
      assert.ok(at >= end && at % 8 === 0, `a column at ${at}, the one before ends at ${end}`);
      end = at + length;
    }
    assert.ok(end <= layout.metadataBytes);
    assert.is(layout.spanBytes, shape.bytes + shape.regionBytes, 'a region in front for null');
  }
});

test('a shape that cannot be is refused with what it has to be', () => {
  const shape = defaultShape(64 * MIB, 2);
  const bad = [
    { ...shape, bytes: 3 * MIB },
    { ...shape, bytes: 64 * MIB + 4096 },
    { ...shape, bytes: 0 },
    { ...shape, bytes: -64 * MIB },
    { ...shape, bytes: Number.NaN },
    { ...shape, bytes: Number.POSITIVE_INFINITY },
    { ...shape, bytes: MAX_HEAP_BYTES + MIB },
    { ...shape, regionBytes: 3 * MIB },
    { ...shape, regionBytes: 2048 },
    { ...shape, pageBytes: 1024 },
    { ...shape, pageBytes: 2 * MIB },
    { ...shape, regionBytes: 0 },
  ];
  for (const wrong of bad) {
    assert.throws(
      () => layOut(wrong),
      (error: unknown) => error instanceof HeapError && error.code === 'shape' && error.message.length > 20,
      JSON.stringify(wrong),
    );
  }
});

test('the largest heap: every reference is an index that arithmetic gets right', () => {
  const layout = layOut(defaultShape(MAX_HEAP_BYTES - MIB, 1));
  const last = layout.granules - 1;
  assert.ok(last < 2 ** 31);
  assert.is(last | 0, last, 'a reference fits a signed word');
  assert.is(wordOf(last), 2 * last, 'and its word is not negative');
});

test('a page’s word: state, slot and generation, and an older generation reads as RAW', () => {
  for (const generation of [1, 2, 0x7fff, 0x8000, MAX_GENERATION]) {
    for (const state of Object.values(PageState)) {
      for (const slot of [0, 1, 77, MAX_SLOTS]) {
        const word = encodeState(generation, state, slot);
        assert.is(word, word | 0, 'it is a 32-bit word');
        assert.is(stateOf(word, generation), state);
        assert.is(stateOf(word | WANTED, generation), state, 'WANTED is no part of the state');
        assert.is(slotOf(word | WANTED), slot);
        const other = generation === 1 ? MAX_GENERATION : generation - 1;
        assert.is(stateOf(word, other), PageState.RAW);
      }
    }
  }
  assert.is(stateOf(0, 1), PageState.RAW, 'as the table is made');
});

test('TypeScript and C++ have the same names and numbers for region states', () => {
  assert.equal({ ...Kernels.states() }, { ...RegionState });
});

test('pages of 2 MiB: a region is one page, and a chunk of metadata serves 512 times as much', () => {
  const layout = layOut(defaultShape(126 * MIB, 2, HUGE_PAGE_BYTES));
  assert.equal([layout.regionBytes, layout.pageBytes, layout.pagesPerRegion], [2 * MIB, 2 * MIB, 1]);
  assert.equal([layout.pages, layout.regions], [64, 64], 'the null region is a page');
  assert.is(layout.granulesPerPage, 1 << 18);
  assert.is(layout.spanBytes % layout.pageBytes, 0);
  assert.equal(defaultShape(64 * MIB, 2), defaultShape(64 * MIB, 2, 4096));
  const largest = layOut(defaultShape(2 ** 34 - 4 * MIB, 1, HUGE_PAGE_BYTES));
  assert.is(largest.granules, 2 ** 31 - (2 * MIB) / 8);
  assert.is(wordOf(largest.granules - 1), 2 * (largest.granules - 1));
});

test('pages of 2 MiB: a heap of an odd number of MiB, or of three regions, is refused', () => {
  for (const mib of [65, 6, 2 ** 14 - 2]) {
    assert.throws(
      () => layOut(defaultShape(mib * MIB, 1, HUGE_PAGE_BYTES)),
      (error: unknown) => error instanceof HeapError && error.code === 'shape',
      `${mib} MiB`,
    );
  }
});

test('roundUp', () => {
  assert.is(roundUp(0, 64), 0);
  assert.is(roundUp(1, 64), 64);
  assert.is(roundUp(64, 64), 64);
  assert.is(roundUp(2 ** 33 + 1, 4096), 2 ** 33 + 4096);
});

test.run();
