// deadline: 360s
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, createHeap, StrayAccess } from '../../gc/index.js';
import { defaultShape, type Heap, HeapError } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import type { StrayTask } from '../support/stray-program.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const WAYS = [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
] as const;

/** Starts a thread: when it begins, and what it has heard in the end, which must not take for ever. */
function start(heap: Heap, kind: StrayTask['kind']): { ready: Promise<string>; heard: Promise<string> } {
  const worker = new Worker(new URL('../support/stray-program.js', import.meta.url), {
    workerData: { heap: heap.handle, kind } satisfies StrayTask,
  });
  const messages: string[] = [];
  const message = (index: number) =>
    new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${kind}: it heard of nothing for 20 s`)), 20_000);
      const look = () => {
        if (messages.length <= index) return;
        clearTimeout(late);
        resolve(messages[index]!);
      };
      worker.on('message', (text: string) => {
        if (index === 0) messages.push(text);
        look();
      });
      worker.on('error', reject);
      worker.on('exit', () => {
        if (messages.length <= index) reject(new Error(`${kind}: it ended after ${messages}`));
      });
    });
  return { ready: message(0), heard: message(1) };
}

for (const way of WAYS) {
  for (const [kind, message] of [
    ['null', /region 0, NULL\).*a null reference was followed/],
    ['free', /FREE\).*used after a safepoint/],
    ['stale', /where no object stands/],
    ['idle', /in a view that mutators do not use/],
  ] as const) {
    if (kind === 'idle' && way.flip !== 'bank') continue;
    test(`${way.resolution} × ${way.flip}: a stray access (${kind}) ends in errors everywhere, and no hang`, async () => {
      const heap = createHeap(defaultShape(16 * MIB, 2), way.resolution, way.flip);
      const collector = new Collector(heap, { ...way, delivery: 'handler', workers: 1, residentFree: 0 });
      await collector.start();
      const bystander = start(heap, 'bystander');
      await bystander.ready;
      const strayed = start(heap, kind);
      assert.match(await strayed.heard, /^HeapError: the collector gave up on this heap/);
      assert.match(await bystander.heard, /^HeapError: the collector gave up on this heap/);
      const failure = await collector.collect().then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.instance(failure, StrayAccess);
      assert.match((failure as StrayAccess).message, message);
      assert.is(collector.error, failure);
      await collector.stop();
      heap.close();
    });
  }
}

test('a mutator that dies with an uncaught error does not keep the collector waiting', async () => {
  const heap = createHeap(defaultShape(16 * MIB, 1), 'continue', 'bank');
  const collector = new Collector(heap, { ...WAYS[0], delivery: 'handler', workers: 1 });
  await collector.start();
  const worker = new Worker(new URL('../support/dying-program.js', import.meta.url), {
    workerData: { heap: heap.handle },
  });
  const [error] = (await once(worker, 'error')) as [Error];
  assert.match(error.message, /on purpose/);
  const began = performance.now();
  await collector.collect();
  assert.ok(performance.now() - began < 20_000);
  await collector.stop();
  heap.close();
});

test('an inspector that objects ends the collector with its error', async () => {
  const heap = createHeap(defaultShape(16 * MIB, 1), 'continue', 'bank');
  const objection = new RangeError('not like this');
  const inspect = (when: 'before' | 'after') => {
    if (when === 'after') throw objection;
  };
  const collector = new Collector(heap, { ...WAYS[0], delivery: 'handler', workers: 1, inspect });
  await collector.start();
  for (let i = 0; i < 2; i++) {
    const failure = await collector.collect().then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.is(failure, objection);
  }
  assert.is(collector.error, objection);
  await collector.stop();
  heap.close();
  assert.not.instance(objection, HeapError);
});

test.run();
