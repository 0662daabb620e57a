// deadline: 360s
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Collector, type CollectorOptions, createHeap } from '../../gc/index.js';
import { Control, type Delivery, defaultShape, type Heap, PageState, RegionState, stateOf } from '../../heap/index.js';
import { Mapping } from '../../native/index.js';
import { exitAfterwards } from '../support/exit.js';
import { type InterleavedTask, Word } from '../support/interleaved-words.js';

exitAfterwards(test);

const PATIENCE_MS = 20_000;

type Way = Pick<CollectorOptions, 'resolution' | 'flip'> & Partial<CollectorOptions>;

async function begin(way: Way): Promise<{ heap: Heap; collector: Collector; words: Int32Array }> {
  const delivery = way.delivery ?? 'handler';
  const shape = defaultShape(16 * 2 ** 20, 3);
  const heap = createHeap(shape, way.resolution, way.flip, { delivery: delivery as Delivery });
  const collector = new Collector(heap, { workers: 1, ...way, delivery });
  await collector.start();
  return { heap, collector, words: new Int32Array(new SharedArrayBuffer(4 * Word.WORDS)) };
}

/** Starts a program; `heard(i)` is its message number i. */
function start(heap: Heap, kind: InterleavedTask['kind'], words: Int32Array) {
  const worker = new Worker(new URL('../support/interleaved-program.js', import.meta.url), {
    workerData: { heap: heap.handle, kind, words } satisfies InterleavedTask,
  });
  const messages: string[] = [];
  worker.on('message', (text: string) => messages.push(text));
  worker.on('error', () => {});
  const ended = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  const heard = async (index: number) => {
    await until(() => messages.length > index, `message ${index} of ${kind}`);
    return messages[index]!;
  };
  return { worker, ended, heard };
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > PATIENCE_MS) throw new Error(`${what}: not after ${PATIENCE_MS / 1000} s`);
    await new Promise((soon) => setTimeout(soon, 1));
  }
}

function failureOf(collector: Collector): Promise<unknown> {
  return collector.collect().then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function end({ heap, collector }: { heap: Heap; collector: Collector }): Promise<void> {
  await collector.stop();
  heap.close();
}

/** Leaves the process without a mapping, while `act` runs. */
/** Workers load their code, and threads grow, before there is nothing left to do so with. */
async function warm({ collector }: { collector: Collector }): Promise<void> {
  for (let i = 0; i < 3; i++) await collector.collect();
}

async function withoutMappings(act: () => Promise<void>): Promise<void> {
  const most = Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8'));
  const eater = Mapping.anonymous(2 * most * 4096);
  try {
    for (let i = 0; i < most && eater.tryProtect(2 * i * 4096, 4096, 'none') === 0; i++);
    await act();
  } finally {
    eater.protect(0, eater.bytes, 'readwrite');
    eater.close();
  }
}

test('a server in the middle of a message when the flip comes shows nothing of the new view', async () => {
  const run = await begin({
    ...{ resolution: 'continue', flip: 'remap', faultServers: 2, publish: 'lazy', ahead: 'never' },
    sabotage: { slowServerMs: 1500 },
  });
  const { heap, collector, words } = run;
  const holder = start(heap, 'holder', words);
  await holder.heard(0);
  const toucher = start(heap, 'toucher', words);
  await toucher.heard(0);
  const offset = Math.floor((words[Word.HOLDER]! * 8) / 4096) * 4096;
  // Until the slow server has one of the two messages about the page, and the other has let both threads go.
  const slow = () => Atomics.load(heap.control, Control.SERVING) !== 0;
  for (let turn = 1; ; turn++) {
    assert.ok(turn < 50, 'the slow server never had the message');
    heap.space.views[0]!.advise(offset, 4096, 'dontneed'); // as the kernel may
    Atomics.store(words, Word.GO, turn);
    await until(() => Atomics.load(words, Word.DONE) === 2 * turn, 'both have touched the page');
    if (slow()) break;
  }
  Atomics.store(words, Word.GO, 1000);
  await collector.collect();
  assert.is(await holder.heard(1), 'right');
  await Promise.all([holder.ended, toucher.ended]);
  await end(run);
});

for (const [resolution, flip] of [
  ['continue', 'bank'],
  ['continue', 'remap'],
  ['copy', 'remap'],
] as const) {
  test(`${resolution} × ${flip}: a reference into what targets are still to be built from ends in errors`, async () => {
    const run = await begin({ resolution, flip, publish: 'lazy' });
    const program = start(run.heap, 'evacuated', run.words);
    await program.heard(0);
    await failureOf(run.collector);
    assert.match(await program.heard(1), /^HeapError: the collector gave up on this heap/);
    assert.match(String(await failureOf(run.collector)), /EVACUATED\).*used after a safepoint/);
    await program.ended;
    await end(run);
  });
}

for (const [resolution, flip] of [
  ['continue', 'bank'],
  ['continue', 'remap'],
  ['copy', 'remap'],
  ['move', 'remap'],
] as const) {
  test(`${resolution} × ${flip}: while a server has a page in its hands a stray access of another’s lets nobody at it`, async () => {
    const run = await begin({
      ...{ resolution, flip, faultServers: 2, publish: 'lazy', ahead: 'never' },
      sabotage: { delay: { phases: ['claim'], chance: 1, ms: 1500 } },
    });
    const { heap, collector, words } = run;
    const waiter = start(heap, 'waiter', words);
    await waiter.heard(0);
    const stray = start(heap, 'stray', words);
    await stray.heard(0);
    const page = Math.floor((words[Word.HOLDER]! * 8) / heap.layout.pageBytes);
    const failed = failureOf(collector);
    const state = () => stateOf(Atomics.load(heap.meta.pageState, page), heap.control[Control.GENERATION]!);
    await until(() => state() === PageState.CLAIMED, 'a server has claimed the page');
    Atomics.store(words, Word.GO, 1);
    await until(() => Atomics.load(words, Word.DONE) === 1, 'the stray access was let go');
    assert.is(state(), PageState.CLAIMED, 'and the server is still at the page');
    assert.is(await waiter.heard(1), 'right');
    assert.match(String(await failed), /NULL\).*a null reference/);
    for (const { heard, ended } of [waiter, stray]) {
      assert.match(await heard(heard === waiter.heard ? 2 : 1), /^HeapError: the collector gave up on this heap/);
      await ended;
    }
    await end(run);
  });
}

test('a stray access between mapping ahead and the flip ends in errors, and in no flip', async () => {
  const run = await begin({ resolution: 'continue', flip: 'bank', sabotage: { lingerMs: 3000 } });
  const program = start(run.heap, 'ahead', run.words);
  await program.heard(0);
  const generation = run.heap.control[Control.GENERATION];
  assert.match(String(await failureOf(run.collector)), /NULL\).*a null reference/);
  assert.is(run.heap.control[Control.GENERATION], generation);
  assert.match(await program.heard(1), /^HeapError: the collector gave up on this heap/);
  await program.ended;
  await end(run);
});

test('a thread that ends while it is parked leaves by the words that the collector has left it', async () => {
  const run = await begin({ resolution: 'continue', flip: 'bank' });
  const { heap, collector } = run;
  const program = start(heap, 'parked', run.words);
  const region = Number(await program.heard(0));
  for (let i = 0; i < 3; i++) await collector.collect();
  assert.is(heap.meta.regionState[region], RegionState.FREE);
  program.worker.postMessage('end');
  await program.ended;
  assert.is(heap.meta.regionState[region], RegionState.FREE);
  await end(run);
});

test('protect: a page is taken back ahead of a flip also where the process has no mapping left', async () => {
  const run = await begin({
    ...{ resolution: 'protect', flip: 'bank', delivery: 'signal', publish: 'lazy' },
    sabotage: { lingerMs: 10_000 },
  });
  const { heap, collector, words } = run;
  await warm(run);
  const program = start(heap, 'store', words);
  await program.heard(0);
  const cycle = collector.collect();
  await until(() => Atomics.load(heap.control, Control.AHEAD) !== 0, 'pages are mapped ahead');
  await new Promise((soon) => setTimeout(soon, 300));
  await withoutMappings(async () => {
    Atomics.store(words, Word.GO, 1);
    await until(() => Atomics.load(words, Word.DONE) === 1, 'the store');
  });
  const { pages } = await cycle;
  assert.ok(pages.mappedAhead > 0);
  assert.is(await program.heard(1), 'right');
  await program.ended;
  await end(run);
});

test('protect: a view moves aside where the process has no mapping left, and null stays without memory', async () => {
  const run = await begin({ resolution: 'protect', flip: 'remap', delivery: 'signal' });
  const { heap, collector, words } = run;
  await warm(run);
  const program = start(heap, 'store', words);
  await program.heard(0);
  Atomics.store(words, Word.GO, 1);
  await until(() => Atomics.load(words, Word.DONE) === 1, 'the store');
  await withoutMappings(async () => {
    const { evacuatedBytes } = await collector.collect();
    assert.ok(evacuatedBytes > 0);
  });
  assert.is(await program.heard(1), 'right');
  await program.ended;
  const first = heap.space.views[0]!.address.toString(16);
  const line = readFileSync('/proc/self/maps', 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${first}-`));
  assert.match(line ?? 'no mapping begins there', / ---s /);
  await end(run);
});

test.run();
