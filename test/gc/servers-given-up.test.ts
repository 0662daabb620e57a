// deadline: 540s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, defaultShape, type Heap } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import type { HammerTask } from '../support/hammer-program.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const PATIENCE_MS = 20_000;

/** A twin heap's pages are right in the memfd, whatever the page tables say: all of them fault again. */
function dropEntries({ space, bank, layout }: Heap): void {
  space.views[bank]!.advise(0, layout.spanBytes, 'dontneed');
}

async function within<T>(what: string, work: Promise<T>): Promise<T> {
  let late: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new Error(`${what} takes more than ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  return Promise.race([work, deadline]).finally(() => clearTimeout(late));
}

for (const how of ['throw', 'exit'] as const) {
  for (const when of ['between collections', 'while a compaction runs'] as const) {
    test(`servers that are lost again and again (${how}) end the heap, and nobody waits for ever: ${when}`, async () => {
      const heap = createHeap(defaultShape(64 * MIB, 1), 'continue', 'bank');
      const left = new Int32Array(new SharedArrayBuffer(4));
      const collector = new Collector(heap, {
        ...{ resolution: 'continue', flip: 'bank', delivery: 'handler', workers: 1, faultServers: 2, publish: 'lazy' },
        sabotage: { lose: { phases: ['serve'], chance: 1, how, left } },
      });
      await collector.start();
      const stop = new Int32Array(new SharedArrayBuffer(4));
      const task: HammerTask = { heap: heap.handle, objects: 20_000, stop };
      const worker = new Worker(new URL('../support/hammer-program.js', import.meta.url), { workerData: task });
      const heard = once(worker, 'exit').catch((error: unknown) => error);
      await once(worker, 'message');
      await collector.collect(); // no server has been lost so far
      assert.is(collector.error, null);

      const during = when === 'while a compaction runs';
      const collected = during ? collector.collect().catch((error: unknown) => error) : undefined;
      while (during && Atomics.load(heap.control, Control.COMPACTING) === 0) {
        await new Promise((soon) => setTimeout(soon, 1));
      }
      Atomics.store(left, 0, 1000);
      const began = performance.now();
      while (collector.error === null && performance.now() - began < PATIENCE_MS) {
        if (Atomics.load(heap.control, Control.FATAL) === 0) dropEntries(heap);
        await new Promise((soon) => setTimeout(soon, 1));
      }
      assert.match(String(collector.error), how === 'throw' ? /lost on purpose \(serve\)/ : /exit/i);
      // Pages that a lost server leaves are made right at once, so the compaction may have come to its end before.
      const outcome = await within('the collection', collected ?? Promise.resolve(undefined));
      if (outcome instanceof Error) assert.is(outcome, collector.error);
      assert.match(String(await within('the mutator', heard)), /HeapError: the collector gave up on this heap/);
      await within('the next collection', assertRejects(collector));
      await within('the collector’s end', collector.stop());
      heap.close();
    });
  }
}

async function assertRejects(collector: Collector): Promise<void> {
  const failure = await collector.collect().then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.is(failure, collector.error);
}

test.run();
