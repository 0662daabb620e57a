import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TableReader, TableWriter } from '../../../../bench/html/replay/columns.js';

const names = ['a', 'b'] as const;
const value = fc.oneof(fc.integer({ min: -300, max: 300 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 }));

function written(rows: readonly (readonly [number, number])[]): Uint8Array {
  const writer = new TableWriter();
  writer.write({ a: Float64Array.from(rows, ([a]) => a), b: Float64Array.from(rows, ([, b]) => b) }, names);
  writer.write({ c: Float64Array.of(7) }, ['c']);
  return writer.bytes();
}

test('tables come back as they were written, one after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value), { maxLength: 400 }), (rows) => {
      const reader = new TableReader(written(rows));
      const { a, b } = reader.read(names);
      assert.equal(
        [...a].map((one, i) => [one, b[i]]),
        rows,
      );
      assert.equal([...reader.read(['c']).c], [7]);
    }),
  );
});

test('values at the ends of what fits', () => {
  const ends = [-(2 ** 50), 2 ** 50, 0, -1, 1, 63, 64, -64, -65, 2 ** 31, -(2 ** 31), 2 ** 32].map(
    (one) => [one, 0] as const,
  );
  assert.equal(
    [...new TableReader(written(ends)).read(names).a],
    ends.map(([one]) => one),
  );
});

test('rows that go up by the same step take two bytes', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => [i, 5 * i] as const);
  assert.ok(written(rows).length < 2010, `${written(rows).length} bytes`);
});

test('bytes that end early are refused, wherever they end', () => {
  const whole = written([
    [1, 2],
    [300, -70_000],
  ]);
  for (let length = 0; length < whole.length; length++) {
    const reader = new TableReader(whole.subarray(0, length));
    assert.throws(
      () => {
        reader.read(names);
        reader.read(['c']);
      },
      (error: unknown) => error instanceof RangeError,
      `${length} bytes`,
    );
  }
});

test.run();
