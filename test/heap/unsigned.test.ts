/** An array may have more than 2^31 references: columns of 32 bits that say how many are read without a sign. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { HeapGraph, VerifyError, verifyHeap } from '../../gc/index.js';
import { DEFAULT_REGION_BYTES, defaultShape, Heap, layOut, MAX_HEAP_BYTES, Mutator } from '../../heap/index.js';
import { provide } from '../../heap/tlab.js';

/** A heap with a large object, and whose region table says that it has so many references, or granules. */
function large() {
  const heap = Heap.create({ ...defaultShape(8 << 20, 1), space: 'twin' });
  const mutator = Mutator.attach(heap);
  mutator.allocate(0, 64); // its region is the one in front
  const object = mutator.allocate(70_000, 8);
  mutator.setGlobal(0, object);
  const head = Math.floor(object / heap.layout.granulesPerRegion);
  const { granulesPerPage } = heap.layout;
  provide(heap, object - granulesPerPage, granulesPerPage, 0, 1); // so that the page in front of it can be looked at
  return { heap, mutator, object, head };
}

for (const references of [2 ** 31, 2 ** 31 + 5, 2 ** 32 - 16]) {
  test(`an array of ${references} references has as many`, () => {
    const { heap, mutator, object, head } = large();
    heap.meta.regionReferences[head] = references;
    assert.is(mutator.references(object), references);
    assert.is(new HeapGraph(heap).references(object), references);
    const words = heap.view(0).slice(2 * object - 32, 2 * object + 2);
    mutator.setPayload(object, 0, -1);
    assert.equal(
      heap.view(0).slice(2 * object - 32, 2 * object + 2),
      words,
      'nothing in front of its payload is written',
    );
    mutator.detach();
    assert.throws(
      () => verifyHeap(heap),
      (error: unknown) => error instanceof VerifyError && error.message.includes(`and ${references} references`),
    );
    heap.close();
  });
}

test('a large object of 2^31 granules and more is not smaller than nothing', () => {
  const { heap, object, head } = large();
  heap.meta.regionSize[head] = 2 ** 31 + 1;
  assert.is(new HeapGraph(heap).granules(object), 2 ** 31 + 1);
  heap.close();
});

test('granules of the largest heap there is have no sign, so that tops and references need none', () => {
  const bytes = MAX_HEAP_BYTES - DEFAULT_REGION_BYTES;
  assert.ok(layOut(defaultShape(bytes, 1)).granules <= 2 ** 31 - 1);
});

test.run();
