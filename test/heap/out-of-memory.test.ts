// deadline: 600s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, verifyHeap } from '../../gc/index.js';
import { defaultShape, sizeInGranules } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import type { HogResult, HogTask } from '../support/hog-program.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const HEAP_MIB = 16;

/** Objects of one kind, and the share of the heap that must be in use before there is no room for another. */
const KINDS = [
  { name: 'small', references: 1, payloadBytes: 28, share: 0.6 },
  { name: 'large', references: 40_000, payloadBytes: 40_000, share: 0.5 },
  { name: 'humongous', references: 1, payloadBytes: 3 * MIB, share: 0.5 },
] as const;

async function hog(way: { resolution: string; flip: string }, task: Omit<HogTask, 'heap'>): Promise<HogResult> {
  const heap = createHeap(defaultShape(HEAP_MIB * MIB, 1), way.resolution, way.flip);
  const collector = new Collector(heap, {
    ...way,
    delivery: 'handler',
    workers: 1,
    inspect: () => void verifyHeap(heap),
  });
  await collector.start();
  const worker = new Worker(new URL('../support/hog-program.js', import.meta.url), {
    workerData: { ...task, heap: heap.handle },
  });
  const exit = once(worker, 'exit');
  try {
    const [result] = (await Promise.race([once(worker, 'message'), exit])) as [HogResult];
    await exit;
    return result;
  } catch (error) {
    throw collector.error ?? error;
  } finally {
    await collector.stop();
    heap.close();
  }
}

for (const way of [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'copy', flip: 'remap' },
]) {
  for (const { name, share, ...task } of KINDS) {
    test(`${way.resolution}: no room for ${name} objects is a clear error; dropping some makes room`, async () => {
      const { kept, message, requestedBytes, ...stalls } = await hog(way, task);
      const bytes = 8 * sizeInGranules(task.references, task.payloadBytes);
      assert.is(requestedBytes, bytes);
      assert.match(message, new RegExp(`out of memory: ${bytes} bytes asked of a heap of ${HEAP_MIB} MiB`));
      for (const count of kept) {
        const used = (count * bytes) / (HEAP_MIB * MIB);
        assert.ok(used >= share && used <= 1, `round after round ${kept}: ${used.toFixed(2)} of the heap`);
      }
      assert.ok(stalls.stalls > 0, 'a stall is counted');
      assert.ok(stalls.stallUs >= stalls.longestUs && stalls.longestUs > 0, JSON.stringify(stalls));
    });
  }
}

test.run();
