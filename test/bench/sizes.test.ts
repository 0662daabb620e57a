import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { complaintLine } from '../../bench/errors.js';
import {
  approximateSize,
  formatDuration,
  formatSize,
  GiB,
  KiB,
  MiB,
  parseDuration,
  parseSize,
  significant,
} from '../../bench/sizes.js';

function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return complaintLine(error);
  }
  return 'no complaint';
}

test('sizes are read', () => {
  assert.is(parseSize('64MiB'), 64 * MiB);
  assert.is(parseSize('4GiB'), 4 * GiB);
  assert.is(parseSize('1088MiB'), 1088 * MiB);
  assert.is(parseSize('12KiB'), 12 * KiB);
  assert.is(parseSize('0.5GiB'), 512 * MiB);
  assert.is(parseSize('4096B'), 4096);
});

test('what is not a size is answered with what to write', () => {
  assert.match(
    complaint(() => parseSize('64GB')),
    "size '64GB' has the unit 'GB'; sizes are powers of two: write 64GiB",
  );
  assert.match(
    complaint(() => parseSize('64M')),
    'write 64MiB',
  );
  assert.match(
    complaint(() => parseSize('64mib')),
    'write 64MiB',
  );
  assert.match(
    complaint(() => parseSize('64')),
    'has no unit; write 64MiB or 64GiB',
  );
  assert.match(
    complaint(() => parseSize('64XiB')),
    'the units are B, KiB, MiB, GiB and TiB',
  );
  assert.match(
    complaint(() => parseSize('0MiB')),
    'is zero',
  );
  for (const text of ['', '-1MiB', '1e3MiB', 'MiB', '1.MiB', '0x10MiB', '1 0MiB', '٣MiB', '1.3B', '99999999TiB']) {
    assert.match(
      complaint(() => parseSize(text)),
      /^continuum: .*size/,
      text,
    );
  }
});

test('any size survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
      assert.is(parseSize(formatSize(bytes)), bytes);
    }),
  );
  assert.is(formatSize(1088 * MiB), '1088MiB');
  assert.is(formatSize(1024 * MiB), '1GiB');
  assert.is(formatSize(0), '0B');
});

test('no text makes the readers throw anything but a complaint', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const read of [parseSize, parseDuration]) {
        const line = complaint(() => read(text));
        assert.not.match(line, '\n');
        assert.ok(line === 'no complaint' || line.startsWith('continuum: '));
      }
    }),
  );
});

test('durations are read and written', () => {
  assert.is(parseDuration('20'), 20_000);
  assert.is(parseDuration('500ms'), 500);
  assert.is(parseDuration('2min'), 120_000);
  assert.match(
    complaint(() => parseDuration('soon')),
    'not a duration',
  );
  assert.match(
    complaint(() => parseDuration('0s')),
    'zero',
  );
  assert.is(formatDuration(0.00021), '0.21 µs');
  assert.is(formatDuration(12.34), '12.3 ms');
  assert.is(formatDuration(200_000), '3 min 20 s');
  assert.is(formatDuration(120_000), '2 min');
});

test('figures are rounded to three digits', () => {
  assert.is(approximateSize(62.34 * MiB), '62.3 MiB');
  assert.is(significant(0.02134), '0.0213');
  assert.is(significant(4.555), '4.55');
  assert.is(significant(100), '100');
  assert.is(significant(10), '10');
  assert.is(significant(1_234_567), '1,234,567');
  assert.is(significant(0), '0');
});

test.run();
