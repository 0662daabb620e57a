// deadline: 720s
/** Whole invocations, in processes of their own as the sweep starts them: each workload, small, each way. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wayText } from '../../../bench/configurations/describe.js';
import { faultsTaken, type InvocationConfig, type Measurement } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { type ChildOutcome, runInvocation } from '../../../bench/sweep/child.js';
import { type WorkloadName, workloads } from '../../../bench/workloads/table.js';

const script = fileURLToPath(new URL('../../../bench/invocation/main.js', import.meta.url));

const base = {
  delivery: 'handler',
  mutators: 1,
  gcWorkers: 1,
  seconds: 0.5,
  seed: 1,
  quick: true,
} as const;

const ways = [
  { resolution: 'continue', flip: 'bank' },
  { resolution: 'continue', flip: 'remap' },
  { resolution: 'copy', flip: 'remap' },
] as const;

/** The rest of what there is, for the two workloads that everything is compared on. */
const moreWays = [
  { resolution: 'continue', delivery: 'signal', flip: 'bank' },
  { resolution: 'copy', delivery: 'signal', flip: 'remap' },
  { resolution: 'move', delivery: 'handler', flip: 'remap' },
  { resolution: 'move', delivery: 'signal', flip: 'remap' },
  { resolution: 'protect', delivery: 'signal', flip: 'bank' },
  { resolution: 'stw', delivery: 'none', flip: 'none' },
] as const;

const small = {
  churn: { scale: 1 / 64, heapBytes: 32 * MiB },
  fullgc: { scale: 1 / 64, heapBytes: 48 * MiB },
  dense: { scale: 1 / 32, heapBytes: 24 * MiB },
  gcbench: { scale: 1, heapBytes: 64 * MiB },
  javac: { scale: 1 / 8, heapBytes: 24 * MiB },
  hammer: { scale: 1 / 8, heapBytes: 24 * MiB },
  binarytrees: { scale: 1 / 32, heapBytes: 24 * MiB },
  lru: { scale: 1 / 16, heapBytes: 40 * MiB },
  larson: { scale: 1 / 16, heapBytes: 24 * MiB },
  graph: { scale: 1 / 8, heapBytes: 24 * MiB },
  pages: { scale: 1 / 32, heapBytes: 24 * MiB },
} as const satisfies Partial<Record<WorkloadName, { readonly scale: number; readonly heapBytes: number }>>;

function run(config: InvocationConfig): Promise<ChildOutcome> {
  return runInvocation(config, { script, deadlineMs: 60_000 });
}

function neverFaulted(outcome: ChildOutcome): boolean {
  return outcome.kind !== 'aborted' && outcome.error?.code === 'NEVER_FAULTED';
}

/** The measurement, which its reader has found to fit the schema, and everything that must hold of any. */
async function measured(config: InvocationConfig): Promise<Measurement> {
  let outcome = await run(config);
  // On a machine that is busy enough a mutator may not run while pages are compacted; not for long, though.
  for (let seconds = 2; neverFaulted(outcome) && seconds <= 8; seconds *= 2) {
    outcome = await run({ ...config, seconds });
  }
  if (outcome.kind !== 'measured') throw new Error(JSON.stringify(outcome));
  const { measurement, error } = outcome;
  assert.is(error, undefined, JSON.stringify(error));
  const { digest, faults, operations, collections, batchUs, memory, cpuMs, compactionMBps, pauseUs } = measurement;
  assert.ok(digest.ok);
  assert.ok(digest.objects > 1000 && digest.checked > 1000 && digest.bytes > 8 * digest.objects, 'digest');
  assert.ok(operations.count > 0 && operations.perSecond > 0, 'operations');
  assert.ok(batchUs.count > 0 && batchUs.p50 <= batchUs.p99 && batchUs.p999 <= batchUs.max, 'batches');
  const curve = batchUs.curve ?? [];
  assert.ok(curve.length > 0 && curve.every(([, us], i) => i === 0 || us >= curve[i - 1][1]), 'curve of batches');
  assert.ok((measurement.warmUp?.ms ?? -1) >= 0, 'warm-up');
  assert.ok(collections.length > 0 && collections.some(({ ms }) => ms.flip > 0), 'collections');
  const stopsTheWorld = config.resolution === 'stw';
  assert.is(pauseUs.remark.count, stopsTheWorld ? 0 : collections.length);
  assert.is(faultsTaken(faults) > 0, !stopsTheWorld, 'faults');
  assert.is((faults.signal ?? 0) > 0, config.delivery === 'signal', 'faults in signal handlers');
  if (config.delivery === 'handler') {
    const byMutator = faults.byMutator.reduce((sum, count) => sum + count, 0);
    // A server counts the one after the other: at either end of the period it may be in between.
    assert.ok(Math.abs(byMutator - faultsTaken(faults)) <= 2, 'every fault is somebody’s');
  }
  if (!stopsTheWorld) assert.ok(faults.serviceUs.count > 0 && faults.serviceUs.p50 > 0, 'fault service');
  assert.ok(memory.peakPssBytes > digest.bytes && memory.heapResidentBytes >= digest.bytes, 'memory');
  const { floatingBytes, fragmentation } = memory;
  assert.is(floatingBytes !== undefined, !['fullgc', 'dense', 'pages'].includes(config.workload), 'floating garbage');
  assert.ok((floatingBytes ?? 0) <= (stopsTheWorld ? 0 : config.heapBytes), `floating garbage: ${floatingBytes} bytes`);
  const { before, after } = fragmentation!;
  assert.ok(after >= 0 && after < before && before < 1, `fragmentation ${before} and then ${after}`);
  assert.ok(memory.metadataBytes < 0.06 * config.heapBytes, 'metadata');
  assert.ok(cpuMs.mutators > 0 && cpuMs.collector > 0, 'processor time');
  assert.ok(cpuMs.total > 0.9 * (cpuMs.mutators + cpuMs.collector), 'processor time in all');
  assert.ok(compactionMBps > 1, 'compaction');
  return measurement;
}

test('every workload has a size to be tried at', () => {
  assert.equal(Object.keys(small).sort(), Object.keys(workloads).sort());
});

for (const [workload, size] of Object.entries(small) as [keyof typeof small, (typeof small)[keyof typeof small]][]) {
  for (const way of ways) {
    test(`${workload} by ${way.resolution} and ${way.flip}`, async () => {
      await measured({ ...base, workload, ...size, ...way });
    });
  }
}

for (const workload of ['churn', 'javac'] as const) {
  for (const way of moreWays) {
    test(`${workload} by ${wayText(way)}`, async () => {
      await measured({ ...base, workload, ...small[workload], ...way });
    });
  }
}

test('two mutators and two workers', async () => {
  for (const workload of ['churn', 'fullgc', 'javac'] as const) {
    const measurement = await measured({
      ...base,
      workload,
      ...small[workload],
      ...ways[0],
      mutators: 2,
      gcWorkers: 2,
    });
    assert.is(measurement.faults.byMutator.length, 2);
  }
});

test('by MINOR faults, with continue, for the most part', async () => {
  const { faults } = await measured({ ...base, workload: 'churn', ...small.churn, ...ways[0] });
  assert.ok(faults.minor > faults.missing, JSON.stringify(faults));
});

test('settings reach the collector, and waits for pace are counted', async () => {
  const config = { ...base, workload: 'churn', ...small.churn, ...ways[0] } as const;
  const { collections, stalls } = await measured({ ...config, batch: 16, residentFree: 4, faultServers: 2 });
  assert.ok(stalls.paced !== undefined && stalls.paced.count >= 0);
  for (const { incidents, pages } of collections) {
    assert.equal(incidents, []);
    assert.type(pages.mappedAhead, 'number');
  }
  const refused = await run({ ...config, batch: 1024, gcWorkers: 8 });
  assert.is(refused.kind, 'failed');
  assert.match(refused.kind === 'failed' ? refused.error.message : '', '8 workers with batches of 1024 pages');
});

test('so many operations are done, however long it takes', async () => {
  const config = { ...base, workload: 'churn', ...small.churn, ...ways[0], seconds: 3600 } as const;
  for (const mutators of [1, 3]) {
    const { operations, digest } = await measured({ ...config, mutators, operations: 400_500 });
    // Each finishes the batch of 1000 in which its share ends.
    assert.is(operations.count, mutators === 1 ? 401_000 : 3 * 134_000);
    assert.match(digest.hash ?? '', /^[0-9a-f]{16}$/);
  }
});

test('a heap that is too small is out of memory', async () => {
  const outcome = await run({ ...base, workload: 'churn', scale: 1 / 16, heapBytes: 24 * MiB, ...ways[0] });
  assert.is(outcome.kind, 'failed');
  if (outcome.kind !== 'failed') return;
  assert.is(outcome.error.code, 'OUT_OF_MEMORY');
  assert.match(outcome.error.message, '24 MiB');
});

test('a configuration that is none is one line and exit code 1', async () => {
  const child = spawn(process.execPath, [script, '{"workload":"tetris"}']);
  let output = '';
  child.stdout.on('data', (data) => {
    output += data;
  });
  const [code] = await once(child, 'close');
  assert.is(code, 1);
  const { type, error } = JSON.parse(output);
  assert.is(type, 'error');
  assert.match(error.message, 'workload');
});

for (const [signal, code] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  test(`${signal} ends it within seconds`, async () => {
    const config = { ...base, workload: 'churn', ...small.churn, ...ways[0], seconds: 60 };
    const child = spawn(process.execPath, [script, JSON.stringify(config)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    await new Promise<void>((resolve) => {
      child.on('message', ({ phase }: { phase?: string }) => phase === 'measure' && resolve());
    });
    const sent = performance.now();
    child.kill(signal);
    const [exitCode] = await once(child, 'exit');
    assert.is(exitCode, code);
    assert.ok(performance.now() - sent < 5000, 'it took more than 5 s');
  });
}

test('it ends when its parent goes away', async () => {
  const config = { ...base, workload: 'churn', ...small.churn, ...ways[0], seconds: 60 };
  const child = spawn(process.execPath, [script, JSON.stringify(config)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  child.disconnect();
  const [exitCode] = await once(child, 'exit');
  assert.is(exitCode, 1);
});

test.run();
