import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FaultCount, type Heap, serviceNs } from '../../heap/index.js';
import { FAULT_COUNT_WORDS } from '../../heap/layout.js';
import { pageEncoding } from '../../native/index.js';
import { smallHeap } from '../support/random-heap.js';

const {
  SERVICE_BUCKETS: buckets,
  SERVICE_SUB_BITS: subBits,
  SERVICE_LEAST_BITS: leastBits,
} = pageEncoding as {
  SERVICE_BUCKETS: number;
  SERVICE_SUB_BITS: number;
  SERVICE_LEAST_BITS: number;
};

/** The bucket of a time as page_table.h has it: the power of two, and the bits behind its first. */
function bucketOf(ns: number): number {
  if (ns < 2 ** leastBits) return 0;
  const exponent = Math.floor(Math.log2(ns));
  const sub = Math.floor((ns / 2 ** exponent - 1) * 2 ** subBits);
  return Math.min(buckets - 1, (exponent - leastBits) * 2 ** subBits + sub);
}

test('the middle of a bucket is in it', () => {
  for (let bucket = 0; bucket < buckets; bucket++) assert.is(bucketOf(serviceNs(bucket)), bucket);
});

test('buckets go up, each within an eighth of the next', () => {
  for (let bucket = 1; bucket < buckets; bucket++) {
    const [before, at] = [serviceNs(bucket - 1), serviceNs(bucket)];
    assert.ok(at > before && at / before < 1.13, `${before} and ${at} ns`);
  }
});

test('they reach from well below a fault to more than a minute', () => {
  assert.ok(serviceNs(0) < 100);
  assert.ok(serviceNs(buckets - 1) > 60e9);
});

test('the buckets fit behind the counts, and the last mutator’s into the metadata', () => {
  assert.ok(FaultCount.SERVICE + buckets <= FAULT_COUNT_WORDS);
  const heap: Heap = smallHeap();
  const { layout, meta } = heap;
  const rows = Array.from({ length: layout.mutators + 1 }, (_, mutator) => meta.faultCounts(mutator));
  for (const [i, row] of rows.entries()) row.fill(i + 1);
  for (const [i, row] of rows.entries())
    assert.ok(
      row.every((word) => word === i + 1),
      `row ${i}`,
    );
  assert.ok(
    meta.slotPages.every((page) => page === 0),
    'they reach into the next column',
  );
  heap.close();
});

test.run();
