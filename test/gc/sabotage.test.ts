// deadline: 600s
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  Collector,
  createHeap,
  digestGraph,
  HeapGraph,
  type Sabotage,
  VerifyError,
  verifyHeap,
} from '../../gc/index.js';
import { defaultShape, HeapError, Mutator } from '../../heap/index.js';
import { exitAfterwards } from '../support/exit.js';
import { MirrorMismatch } from '../support/mirror.js';
import { ModelRun, type ModelRunOptions } from '../support/model-run.js';

exitAfterwards(test);

const MIB = 2 ** 20;
const WAYS = [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
] as const;

// ---- a page that is not updated --------------------------------------------------------------------------------

/**
 * A humongous array never moves; what it refers to stands among garbage and is evacuated. So every page of the array is
 * full of references that have to be forwarded.
 */
async function collectWideArray(
  way: (typeof WAYS)[number],
  sabotage: Sabotage,
  verify: boolean,
): Promise<{ before: string; after: string }> {
  const heap = createHeap(defaultShape(64 * MIB, 1), way.resolution, way.flip);
  const inspect = () => void verifyHeap(heap);
  const collector = new Collector(heap, {
    ...way,
    delivery: 'handler',
    workers: 2,
    sabotage,
    ...(verify && { inspect }),
  });
  await collector.start();
  const mutator = Mutator.attach(heap);
  const count = 100_000;
  try {
    mutator.setGlobal(0, mutator.allocate(count, 0));
    for (let i = 0; i < count; i++) {
      mutator.store(mutator.global(0), i, mutator.allocate(0, 24, i + 1));
      mutator.allocate(0, 200);
    }
    const digest = () => digestGraph(new HeapGraph(heap)).digest;
    const before = digest();
    const { evacuatedBytes } = await mutator.parked(() => collector.collect());
    assert.ok(evacuatedBytes > 0, 'nothing was evacuated');
    // What was evacuated is still where it was, until somebody else has its place.
    for (let i = 0; i < count; i++) mutator.allocate(0, 200, -1);
    mutator.detach();
    return { before, after: digest() };
  } catch (error) {
    throw collector.error ?? error; // the mutator hears only that the heap is lost
  } finally {
    await collector.stop();
    heap.close();
  }
}

for (const way of WAYS) {
  test(`${way.resolution} × ${way.flip}: nothing is wrong when every page is updated`, async () => {
    const { before, after } = await collectWideArray(way, {}, true);
    assert.is(after, before);
  });

  test(`${way.resolution} × ${way.flip}: the verifier sees a page that was not updated`, async () => {
    const error = await failureOf(collectWideArray(way, { skipUpdate: true }, true));
    assert.instance(error, VerifyError);
    assert.match(String(error), /refers to granule \d+: in region \d+, which is FREE/);
  });
}

// Only where memory is shared: a private view has no page at the old place, and the digest would wait for it.
test('continue × bank: the digest sees a page that was not updated', async () => {
  const { before, after } = await collectWideArray(WAYS[0], { skipUpdate: true }, false);
  assert.is.not(after, before);
});

// ---- a barrier that is lost, and holes that nobody hears of ------------------------------------------------------

/** Runs `program` beside up to `cycles` cycles, compared with the model after each. The error that ended it, if any. */
async function runBeside(
  program: string,
  cycles: number,
  options: Partial<ModelRunOptions>,
  task: object = {},
): Promise<unknown> {
  const run = await ModelRun.start<number>(
    { heapMiB: 64, modelMiB: 256, programs: 1, collector: WAYS[0], ...options },
    new URL(`../support/${program}.js`, import.meta.url),
    () => task,
    verifyHeap,
  );
  try {
    await run.meet(); // it has built what it works on
    for (let i = 0; i < cycles; i++) {
      await run.cycle();
      await run.meet();
    }
    assert.ok((await run.finish())[0]! > 0, 'the program did nothing');
    return undefined;
  } catch (error) {
    return await run.abandon(error);
  } finally {
    run.heap.close();
  }
}

for (const way of WAYS) {
  const collector = { ...way, workers: 1 };

  test(`${way.resolution} × ${way.flip}: the barrier keeps what changes places while marking runs`, async () => {
    assert.is(await runBeside('swap-program', 4, { collector }), undefined);
  });

  test(`${way.resolution} × ${way.flip}: a barrier whose log is dropped is caught`, async () => {
    caught(await runBeside('swap-program', 20, { collector: { ...collector, sabotage: { dropBarrier: true } } }));
  });
}

for (const way of [WAYS[0], WAYS[2]]) {
  const collector = { ...way, workers: 1 };

  test(`${way.resolution} × ${way.flip}: the kernel’s written pages keep what changes places while marking runs`, async () => {
    assert.is(
      await runBeside('swap-program', 4, { collector, choices: { barrier: 'kernel' } }, { wrap: true }),
      undefined,
    );
  });

  for (const dropped of ['old', 'new'] as const) {
    test(`${way.resolution} × ${way.flip}: written pages of ${dropped} objects that are dropped are caught`, async () => {
      const sabotage = { dropWritten: dropped };
      const options = { collector: { ...collector, sabotage }, choices: { barrier: 'kernel' as const } };
      caught(await runBeside('swap-program', 20, options, { wrap: dropped === 'new' }));
    });
  }
}

test('holes are heard of: registered for MISSING and MINOR, a program that counts everywhere counts right', async () => {
  const collector = { ...WAYS[0], workers: 1, residentFree: 0 };
  assert.is(await runBeside('count-program', 10, { collector }), undefined);
});

test('registered for MINOR alone, a hole reads as zeros, and that is caught', async () => {
  const collector = { ...WAYS[0], workers: 1, residentFree: 0 };
  caught(await runBeside('count-program', 50, { collector, minorOnly: true }));
});

/** The model's digest, the reading program, the verifier or the heap itself has found out. */
function caught(error: unknown): void {
  const seen =
    error instanceof MirrorMismatch ||
    error instanceof VerifyError ||
    error instanceof HeapError ||
    error instanceof assert.Assertion ||
    (error instanceof Error && /MirrorMismatch|VerifyError|HeapError|StrayAccess/.test(error.name)) ||
    // A kernel that meets the damage before the verifier does.
    (error instanceof RangeError && /where no object stands/.test(error.message));
  assert.ok(seen, String(error));
}

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  return undefined;
}

test.run();
