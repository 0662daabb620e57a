// deadline: 180s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defaultShape, Heap } from '../../../heap/index.js';
import { startToucher } from '../../support/native-toucher.js';
import { chooseSeed, Random } from '../../support/random.js';

const MIB = 2 ** 20;

/** 16 MiB and the null region: 17 regions, in stripes of 6, 6 and 5. */
function stripedHeap(userfaultfds: number): Heap {
  return Heap.create({ ...defaultShape(16 * MIB, 1), space: 'twin', banks: 2, userfaultfds });
}

function cut(heap: Heap, offset: number, length: number): [number, number][] {
  const pieces: [number, number][] = [];
  heap.space.watch!.cut(offset, length, (from, bytes) => pieces.push([from, bytes]));
  return pieces;
}

test('a range is cut where one descriptor’s stripe ends', () => {
  const heap = stripedHeap(3);
  assert.is(heap.space.watch!.stripeBytes, 6 * MIB);
  assert.equal(cut(heap, 0, 17 * MIB), [
    [0, 6 * MIB],
    [6 * MIB, 6 * MIB],
    [12 * MIB, 5 * MIB],
  ]);
  assert.equal(cut(heap, 6 * MIB - 4096, 8192), [
    [6 * MIB - 4096, 4096],
    [6 * MIB, 4096],
  ]);
  assert.equal(cut(heap, 6 * MIB, 6 * MIB), [[6 * MIB, 6 * MIB]]);
  assert.equal(cut(heap, 6 * MIB - 4096, 4096), [[6 * MIB - 4096, 4096]]);
  assert.equal(cut(heap, 4096, 0), []);
  heap.close();
});

test('one descriptor watches everything', () => {
  const heap = stripedHeap(1);
  assert.equal(cut(heap, 0, 17 * MIB), [[0, 17 * MIB]]);
  assert.is(heap.space.watch!.at(0), heap.space.watch!.at(17 * MIB - 1));
  heap.close();
});

test('pieces follow each other, are the whole range, and each belongs to one descriptor', () => {
  const seed = chooseSeed();
  console.log(`CONTINUUM_SEED=${seed}`);
  const random = new Random(seed);
  for (const descriptors of [2, 3, 4]) {
    const heap = stripedHeap(descriptors);
    const { watch } = heap.space;
    for (let i = 0; i < 200; i++) {
      const first = random.below(heap.layout.pages);
      const pages = random.below(heap.layout.pages - first) + 1;
      let at = first * 4096;
      for (const [from, bytes] of cut(heap, first * 4096, pages * 4096)) {
        assert.is(from, at);
        assert.ok(bytes > 0);
        assert.is(watch!.at(from), watch!.at(from + bytes - 1));
        at = from + bytes;
      }
      assert.is(at, (first + pages) * 4096);
    }
    heap.close();
  }
});

test('a fault is told to the descriptor of its stripe, and to no other', async () => {
  const heap = stripedHeap(3);
  const { watch, views } = heap.space;
  const view = views[0]!;
  const message = new Float64Array(4);
  for (const region of [1, 5, 6, 11, 12, 16]) {
    const offset = region * heap.layout.regionBytes + 4096;
    const toucher = startToucher({ mapping: view.id, offset });
    await toucher.ready;
    const heard = watch!.descriptors.map((descriptor, i) =>
      i === Math.floor(region / 6) ? descriptor.read(message, 5000) : 0,
    );
    for (const [i, descriptor] of watch!.descriptors.entries()) heard[i]! += descriptor.read(new Float64Array(4), 0);
    assert.equal(
      heard,
      [0, 1, 2].map((i) => (i === Math.floor(region / 6) ? 1 : 0)),
      `region ${region}`,
    );
    assert.is(message[2]! - (message[2]! % 4096), view.address + offset);
    heap.space.provide(0, offset, 4096);
    assert.is(await toucher.value, 0);
  }
  heap.close();
});

test.run();
