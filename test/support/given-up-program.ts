/**
 * A process whose heap is given up, by any thread, while the collector waits for a mutator that is in its signal handler
 * with a page in its hands. Says what the mutator read there, and what it heard next.
 */
import { once } from 'node:events';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { Collector, createHeap } from '../../gc/index.js';
import { Control, defaultShape, FlipWord, Heap, type HeapHandle, PageState, stateOf } from '../../heap/index.js';
import { arm } from './inject.js';
import { type InterleavedTask, Word } from './interleaved-words.js';

interface GiveUp {
  readonly heap: HeapHandle;
  readonly words: Int32Array;
}

/** Once the compaction waits for the one page that the mutator is at. */
function giveUp({ heap: handle, words }: GiveUp): void {
  const heap = Heap.attach(handle);
  const { control, layout, meta } = heap;
  const holder = () => Math.floor(Atomics.load(words, Word.HOLDER) / layout.granulesPerPage);
  const claimed = () =>
    stateOf(Atomics.load(meta.pageState, holder()), meta.flip[FlipWord.GENERATION]!) === PageState.CLAIMED;
  const until = performance.now() + 20_000;
  const wait = (condition: () => boolean) => {
    while (!condition() && performance.now() < until) Atomics.wait(words, Word.GO, 0, 1);
  };
  parentPort!.postMessage('ready');
  wait(() => Atomics.load(control, Control.COMPACTING) !== 0 && claimed());
  wait(() => Atomics.load(control, Control.COMPACTING) === 0);
  console.log(claimed() ? 'given up in the middle' : 'given up too late');
  heap.fail(1);
}

if (isMainThread) {
  const way = { resolution: 'continue', delivery: 'signal', flip: 'bank' } as const;
  const heap = createHeap(defaultShape(16 << 20, 1), way.resolution, way.flip, { delivery: way.delivery });
  const collector = new Collector(heap, { ...way, workers: 1, publish: 'lazy', ahead: 'never' });
  await collector.start();
  const words = new Int32Array(new SharedArrayBuffer(4 * Word.WORDS));
  const task: InterleavedTask = { heap: heap.handle, kind: 'waiter', words };
  const program = new Worker(new URL('./interleaved-program.js', import.meta.url), { workerData: task });
  const ended = new Promise((resolve) => program.on('exit', resolve));
  await new Promise<void>((ready) => {
    program.on('message', (text: string) => (text === 'ready' ? ready() : console.log(`the mutator: ${text}`)));
  });
  arm([{ call: 'continue', where: 'handler', beforeUs: 2_000_000, times: 1e12 }]);
  await once(
    new Worker(new URL(import.meta.url), { workerData: { heap: heap.handle, words } satisfies GiveUp }),
    'message',
  );
  // The cycle under way comes to its end; there is no other.
  for (const when of ['this time', 'next time']) {
    const said = await collector.collect().then(
      () => 'collected',
      (error: unknown) => String(error),
    );
    console.log(`the collector, ${when}: ${said}`);
  }
  await ended;
  await collector.stop();
  console.log('the end');
  process.exit(0);
} else {
  giveUp(workerData as GiveUp);
}
