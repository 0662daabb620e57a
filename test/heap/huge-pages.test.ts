import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createHeap } from '../../gc/index.js';
import { defaultShape, Heap, HeapError, HUGE_PAGE_BYTES, Mutator } from '../../heap/index.js';
import { hugePages, Mapping, Memfd, processMemory } from '../../native/index.js';
import { reserveHugePages } from '../support/huge-pages.js';

const MIB = 2 ** 20;
const HEAP_PAGES = 21;
const shape = (mib = 2 * (HEAP_PAGES - 1)) => defaultShape(mib * MIB, 1, HUGE_PAGE_BYTES);

test('what cannot work on pages of 2 MiB says why, and what can', () => {
  assert.throws(
    () => createHeap(shape(), 'copy', 'remap'),
    /RangeError|copy cannot work on pages of 2 MiB.*continue can/,
  );
  assert.throws(() => createHeap(shape(), 'continue', 'remap'), /remap cannot work on pages of 2 MiB.*use flip bank/);
  assert.throws(
    () => createHeap({ ...shape(), pageBytes: 65536 }, 'continue', 'bank'),
    (error: unknown) => error instanceof RangeError && /4 KiB or of 2 MiB/.test(error.message),
  );
  assert.throws(
    () => Heap.create({ ...shape(), space: 'private' }),
    (error: unknown) => error instanceof HeapError && error.code === 'shape',
  );
});

test('too few huge pages: no heap, and how many it takes and how to have them', () => {
  const { total, free } = hugePages();
  const mib = 2 * (free + 8);
  const descriptors = () => readFileSync('/proc/self/maps', 'utf8').split('continuum-heap').length;
  const before = descriptors();
  try {
    createHeap(shape(mib), 'continue', 'bank');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, HeapError);
    assert.is((error as HeapError).code, 'huge-pages');
    const message = `needs ${free + 9} pages of 2 MiB.*echo ${total + 9} > /proc/sys/vm/nr_hugepages`;
    assert.match((error as Error).message, new RegExp(message));
  }
  assert.is(descriptors(), before, 'it leaves no mapping behind');
  assert.equal(hugePages(), { total, free });
});

const why = reserveHugePages(HEAP_PAGES + 3);
if (why !== '') console.log(`skipped: heaps of huge pages (${why})`);
const testHuge = why === '' ? test : test.skip;

testHuge('a heap has all its pages from the start, reserved once for its three mappings', () => {
  const { free } = hugePages();
  const before = processMemory().pssBytes;
  const heap = createHeap(shape(), 'continue', 'bank');
  assert.is(hugePages().free, free - HEAP_PAGES);
  assert.is(heap.space.residentBytes(), 0);
  const mutator = Mutator.attach(heap);
  mutator.allocate(0, 8);
  assert.is(heap.space.residentBytes(), 2 * MIB);
  heap.workspace.fill(1, heap.layout.granulesPerRegion * 2);
  for (const [bank, view] of heap.space.views.entries()) {
    heap.space.watch!.at(0).continue(view, 4 * MIB, 4 * MIB);
    assert.is(heap.view(bank)[2 * heap.layout.granulesPerRegion * 2], 1);
  }
  assert.is(heap.space.residentBytes(), 2 * (HEAP_PAGES - 1) * MIB);
  const grown = processMemory().pssBytes - before;
  const wanted = 2 * (HEAP_PAGES - 1) * MIB;
  assert.ok(Math.abs(grown - wanted) < wanted / 2, `${grown} bytes more, and the heap has ${wanted}`);
  assert.is(hugePages().free, free - HEAP_PAGES);
  mutator.detach();
  heap.close();
});

testHuge('memory of a free region is kept: given back, it would be no longer promised', () => {
  const heap = createHeap(shape(), 'continue', 'bank');
  heap.workspace.fill(1);
  const resident = heap.space.residentBytes();
  heap.space.release(2 * MIB, 4 * MIB);
  assert.is(heap.space.residentBytes(), resident);
  heap.close();
  // Why: what the kernel does with a page that is given back.
  const memfd = Memfd.create(2 * MIB, { hugePages: true });
  const mapping = Mapping.shared(memfd);
  const { free } = hugePages();
  new Uint8Array(mapping.buffer)[0] = 1;
  assert.is(hugePages().free, free, 'its own page, promised to it before');
  memfd.punch(0, 2 * MIB);
  assert.is(hugePages().free, free + 1, 'now anybody’s');
  mapping.close();
  memfd.close();
});

testHuge('a huge page counts as memory, and once however often it is mapped', () => {
  const before = processMemory().pssBytes;
  const bytes = 40 * MIB;
  const memfd = Memfd.create(bytes, { hugePages: true });
  const mappings = [Mapping.shared(memfd), Mapping.shared(memfd)];
  for (const { buffer } of mappings) new Uint8Array(buffer).fill(1);
  const grown = processMemory().pssBytes - before;
  assert.ok(Math.abs(grown - bytes) < bytes / 2, `${grown} bytes more for ${bytes} that are mapped twice`);
  for (const thing of [memfd, ...mappings]) thing.close();
});

test.run();
