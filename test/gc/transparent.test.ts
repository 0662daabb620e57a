// deadline: 360s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, digestGraph, HeapGraph } from '../../gc/index.js';
import { Control, defaultShape, type Heap, Mutator } from '../../heap/index.js';
import { collapseWorkspace } from '../support/collapse.js';
import { exitAfterwards } from '../support/exit.js';
import { mappedAt, whyNoSharedHugePages, withSettings } from '../support/shared-huge-pages.js';
import { runStress } from '../support/stress-run.js';

exitAfterwards(test);

const MIB = 2 ** 20;

for (const flip of ['bank', 'remap']) {
  test(`${flip}: what collapse drops of a view is published again, whether a flip was since or not`, async () => {
    const heap = createHeap(defaultShape(32 * MIB, 1), 'continue', flip);
    const collector = new Collector(heap, { resolution: 'continue', flip, delivery: 'handler', workers: 2 });
    await collector.start();
    try {
      if ((await dropAndReadAgain(heap, collector)) === 0) {
        console.log('skipped: collapse of a workspace (this kernel makes no huge pages of it)');
      }
    } finally {
      await collector.stop();
    }
    heap.close();
  });
}

/** Returns the bytes that collapse has dropped of the view. */
async function dropAndReadAgain(heap: Heap, collector: Collector): Promise<number> {
  const mutator = Mutator.attach(heap);
  const count = 2000;
  mutator.setGlobal(0, mutator.allocate(count, 0));
  for (let i = 0; i < count; i++) {
    mutator.store(mutator.global(0), i, mutator.allocate(0, 2000, i));
    mutator.allocate(0, 4000);
  }
  let dropped = 0;
  for (let round = 0; round < 3; round++) {
    const digest = digestGraph(new HeapGraph(heap));
    const faults = Atomics.load(heap.control, Control.FAULTS_MINOR);
    const view = heap.space.views[heap.bank]!;
    const mapped = mappedAt(view.address).bytes;
    collapseWorkspace(heap);
    const left = mappedAt(view.address);
    assert.is(left.huge, 0);
    for (let i = 0; i < count; i++) assert.is(mutator.tag(mutator.load(mutator.global(0), i)), i);
    const grown = (mappedAt(view.address).bytes - left.bytes) / heap.layout.pageBytes;
    const heard = Atomics.load(heap.control, Control.FAULTS_MINOR) - faults;
    assert.ok(heard >= grown, `${grown} pages came back, and there were ${heard} faults`);
    if (round === 0) assert.is(heard > 0, left.bytes < mapped);
    dropped += mapped - left.bytes;
    assert.equal(digestGraph(new HeapGraph(heap)), digest);
    await mutator.parked(() => collector.collect());
    for (let i = 0; i < count; i += 2) mutator.store(mutator.global(0), i, mutator.allocate(0, 2000, i));
  }
  assert.ok(collector.records.some(({ evacuatedBytes }) => evacuatedBytes > 0));
  mutator.detach();
  return dropped;
}

test('the model’s graph is kept while the workspace is collapsed again and again', () => {
  let turn = 0;
  const disturb = (heap: Heap) => void collapseWorkspace(heap, turn++ % 3, 3);
  return runStress({ resolution: 'continue', flip: 'bank', cycles: 40, seconds: 20, disturb });
});

const why = whyNoSharedHugePages();
if (why !== '') console.log(`skipped: a workspace of transparent huge pages (${why})`);

(why === '' ? test : test.skip)('the model’s graph is kept by a workspace of huge pages, whole and in parts', () =>
  withSettings({ shmem_enabled: 'advise' }, () =>
    runStress({ resolution: 'continue', flip: 'bank', cycles: 40, seconds: 20, residentFree: 8 }),
  ),
);

test.run();
