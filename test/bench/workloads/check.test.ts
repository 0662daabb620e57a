// deadline: 540s
/** Every workload's check passes after work beside a collector, and finds each thing that is broken on purpose. */
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Check } from '../../../bench/workloads/index.js';
import { type WorkloadName, workloads } from '../../../bench/workloads/table.js';
import { Collector, createHeap } from '../../../gc/index.js';
import { defaultShape } from '../../../heap/index.js';
import { breakages, type CorrupterTask } from './corrupter.js';

const MiB = 2 ** 20;
const sizes: Readonly<Partial<Record<WorkloadName, { readonly scale: number; readonly heapBytes: number }>>> = {
  churn: { scale: 2 ** -12, heapBytes: 16 * MiB },
  fullgc: { scale: 2 ** -10, heapBytes: 32 * MiB },
  dense: { scale: 2 ** -8, heapBytes: 32 * MiB },
  gcbench: { scale: 1, heapBytes: 48 * MiB },
  javac: { scale: 1 / 32, heapBytes: 16 * MiB },
  hammer: { scale: 1 / 32, heapBytes: 16 * MiB },
  binarytrees: { scale: 2 ** -8, heapBytes: 16 * MiB },
  lru: { scale: 2 ** -6, heapBytes: 16 * MiB },
  larson: { scale: 2 ** -5, heapBytes: 16 * MiB },
  graph: { scale: 1 / 32, heapBytes: 16 * MiB },
  pages: { scale: 1 / 32, heapBytes: 16 * MiB },
};

async function checkOf(workload: WorkloadName, fault?: string): Promise<Check> {
  const { scale, heapBytes } = sizes[workload]!;
  const [resolution, flip] = ['continue', 'bank'];
  const heap = createHeap(defaultShape(heapBytes, 1), resolution, flip);
  const collector = new Collector(heap, { resolution, flip, delivery: 'handler', workers: 1 });
  await collector.start();
  const task: CorrupterTask = { heap: heap.handle, workload, scale, ...(fault !== undefined && { fault }) };
  const worker = new Worker(new URL('./corrupter.js', import.meta.url), { workerData: task });
  try {
    return await new Promise<Check>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  } finally {
    await collector.stop();
    await worker.terminate();
    heap.close();
  }
}

test('every workload has a size to be tried at, and something that is broken', () => {
  assert.equal(Object.keys(sizes).sort(), Object.keys(workloads).sort());
  assert.equal(Object.keys(breakages).sort(), Object.keys(workloads).sort());
});

for (const workload of Object.keys(breakages) as WorkloadName[]) {
  test(`${workload}: all is well`, async () => {
    const { problem, checked, objects, bytes } = await checkOf(workload);
    assert.is(problem, undefined);
    assert.ok(checked > 100 && objects > 100 && bytes > 8 * objects, `${checked}, ${objects}, ${bytes}`);
  });
  for (const fault of Object.keys(breakages[workload]!)) {
    test(`${workload}: finds a wrong ${fault}`, async () => {
      const { problem } = await checkOf(workload, fault);
      assert.type(problem, 'string', 'the check found nothing');
    });
  }
}

test.run();
