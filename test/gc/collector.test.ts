// deadline: 360s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CollectorOptions, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { Control, defaultShape, type Heap, HeapError, Mutator } from '../../heap/index.js';
import type { ChurnResult, ChurnTask } from '../support/churn-program.js';
import { exitAfterwards } from '../support/exit.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const BANK = { resolution: 'continue', flip: 'bank' } as const;
const WAYS = [BANK, { resolution: 'continue', flip: 'remap' }, { resolution: 'copy', flip: 'remap' }] as const;

function collectorOf(heap: Heap, options: Partial<CollectorOptions> = {}): Collector {
  return new Collector(heap, {
    ...BANK,
    delivery: 'handler',
    workers: 1,
    inspect: () => void verifyHeap(heap),
    ...options,
  });
}

/** A heap with a started collector, given back whatever happens. */
async function withCollector(
  options: Partial<CollectorOptions> & { readonly heapMiB?: number; readonly mutators?: number },
  work: (heap: Heap, collector: Collector) => Promise<void>,
): Promise<void> {
  const { heapMiB = 16, mutators = 2, ...rest } = options;
  const heap = createHeap(
    defaultShape(heapMiB * MIB, mutators),
    rest.resolution ?? BANK.resolution,
    rest.flip ?? BANK.flip,
  );
  const collector = collectorOf(heap, rest);
  await collector.start();
  try {
    await work(heap, collector);
  } finally {
    await collector.stop();
    heap.close();
  }
}

function churn(heap: Heap, task: Omit<ChurnTask, 'heap'>): { result: Promise<ChurnResult> } {
  const worker = new Worker(new URL('../support/churn-program.js', import.meta.url), {
    workerData: { ...task, heap: heap.handle },
  });
  const exit = once(worker, 'exit');
  const result = (async () => {
    const [posted] = (await Promise.race([once(worker, 'message'), exit])) as [ChurnResult];
    await exit;
    return posted;
  })();
  return { result };
}

test('a collector starts and stops, with nothing to do', async () => {
  await withCollector({}, async (heap, collector) => {
    assert.is(heap.control[Control.COLLECTIONS], 0);
    assert.is(collector.error, null);
  });
});

test('stop ends the cycles that were asked for before it', async () => {
  const heap = createHeap(defaultShape(16 * MIB, 1), BANK.resolution, BANK.flip);
  const collector = collectorOf(heap);
  await collector.start();
  const asked = [collector.collect(), collector.collect()];
  await collector.stop();
  assert.equal(
    (await Promise.all(asked)).map(({ cycle }) => cycle),
    [1, 2],
  );
  heap.close();
});

test('cycles that are asked for at once run one after the other, and are told of in order', async () => {
  const told: string[] = [];
  const inspect = (when: string, cycle: number) => void told.push(`${when} ${cycle}`);
  await withCollector({ inspect, onCycle: ({ cycle }) => told.push(`told ${cycle}`) }, async (heap, collector) => {
    const records = await Promise.all([collector.collect(), collector.collect('because'), collector.collect()]);
    assert.equal(
      records.map(({ cycle, trigger }) => [cycle, trigger]),
      [
        [1, 'requested'],
        [2, 'because'],
        [3, 'requested'],
      ],
    );
    assert.equal(
      told,
      [1, 2, 3].flatMap((cycle) => [`before ${cycle}`, `after ${cycle}`, `told ${cycle}`]),
    );
    assert.equal(collector.records, records);
    assert.is(heap.control[Control.COLLECTIONS], 3);
    assert.is(collector.pauses.remark.count, 3);
  });
});

for (const way of WAYS) {
  test(`${way.resolution} × ${way.flip}: a mutator of the collector’s own thread waits in parked()`, async () => {
    await withCollector({ ...way, heapMiB: 32 }, async (heap, collector) => {
      const mutator = Mutator.attach(heap);
      const frame = mutator.enter(1);
      mutator.setRoot(frame, mutator.allocate(1000, 0, 1));
      for (let i = 0; i < 1000; i++) {
        mutator.allocate(0, 5000);
        mutator.store(mutator.root(frame), i, mutator.allocate(0, 4, i));
      }
      const digest = () => mutator.parked(() => digestGraph(new HeapGraph(heap)).digest);
      const before = digest();
      const old = mutator.root(frame);
      const record = await mutator.parked(() => collector.collect());
      assert.ok(record.evacuatedBytes > 0 && record.reclaimedBytes > 0, JSON.stringify(record));
      assert.is(digest(), before);
      assert.is.not(mutator.root(frame), old, 'it has moved');
      for (let i = 0; i < 1000; i++) assert.is(mutator.tag(mutator.load(mutator.root(frame), i)), i);
      mutator.detach();
      await collector.collect();
      await collector.collect();
      assert.is(heap.regions.free, heap.layout.regions - 1, 'its roots are gone, and everything with them');
    });
  });
}

test('a mutator gets the collection it asks for and waits for', async () => {
  await withCollector({}, async (heap, collector) => {
    const { result } = churn(heap, { collections: 5, objects: 100, liveObjects: 10, payloadBytes: 100 });
    assert.is((await result).collections, 5);
    assert.ok(collector.records.length >= 5);
    assert.ok(collector.records.every(({ trigger }) => trigger === 'requested'));
  });
});

test('free regions that run low start cycles by themselves, and nothing stalls', async () => {
  await withCollector({ heapMiB: 32 }, async (_heap, collector) => {
    const { result } = churn(collector.heap, {
      collections: 0,
      objects: 400_000,
      liveObjects: 2000,
      payloadBytes: 400,
    });
    const { stalls } = await result;
    assert.ok(collector.records.length > 2, `${collector.records.length} cycles`);
    assert.ok(collector.records.every(({ trigger }) => trigger === 'allocation'));
    assert.ok(stalls <= 2 * collector.records.length, `${stalls} stalls in ${collector.records.length} cycles`);
  });
});

test('two heaps with their collectors do not get in each other’s way', async () => {
  await withCollector({}, async (a, first) => {
    await withCollector({ resolution: 'copy', flip: 'remap' }, async (b, second) => {
      const task = { collections: 3, objects: 30_000, liveObjects: 500, payloadBytes: 200 };
      const both = [churn(a, task).result, churn(b, task).result];
      for (const { collections } of await Promise.all(both)) assert.is(collections, 3);
      assert.is(first.error, null);
      assert.is(second.error, null);
    });
  });
});

test('once it has stopped, who asks for a collection hears that there is nobody', async () => {
  const heap = createHeap(defaultShape(16 * MIB, 1), BANK.resolution, BANK.flip);
  const collector = collectorOf(heap);
  await collector.start();
  await collector.stop();
  const mutator = Mutator.attach(heap);
  assert.throws(
    () => mutator.collect(),
    (error: unknown) => error instanceof HeapError && error.code === 'no-collector',
  );
  mutator.detach();
  heap.close();
});

test('options that cannot be are refused with what there is', async () => {
  const shape = defaultShape(16 * MIB, 1);
  assert.throws(() => createHeap(shape, 'magic', 'bank'), /no resolution magic: .*continue.*copy/);
  assert.throws(() => createHeap(shape, 'continue', 'somersault'), /no flip somersault: .*bank.*remap/);
  assert.throws(() => createHeap(shape, 'copy', 'bank'), /copy cannot flip by bank, only by remap/);
  const heap = createHeap(shape, 'continue', 'bank');
  assert.throws(() => collectorOf(heap, { batch: 4096 }), RangeError);
  assert.throws(() => collectorOf(heap, { workers: 64, batch: 64 }), RangeError);
  assert.throws(() => collectorOf(heap, { faultServers: 0 }), RangeError);
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => collectorOf(heap, { workers: wrong }), /workers: .*from 1/);
    assert.throws(() => collectorOf(heap, { batch: wrong }), /batch: .*from 1/);
    assert.throws(() => collectorOf(heap, { faultServers: wrong }), RangeError);
  }
  heap.close();
});

test.run();
