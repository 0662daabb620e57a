// deadline: 900s
/** Java, V8 and our own heap do the same work: the same operations, in the same order, on the same objects. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classesFor } from '../../../bench/peers/classes.js';
import type { Candidate } from '../../../bench/peers/collectors.js';
import { javaCommand, v8Command } from '../../../bench/peers/command.js';
import type { PeerReport } from '../../../bench/peers/messages.js';
import { findRuntimes, v8Runtime } from '../../../bench/peers/plan.js';
import { type Command, runProcess } from '../../../bench/peers/process.js';
import type { PeerConfig } from '../../../bench/schema/index.js';
import { MiB } from '../../../bench/sizes.js';
import { workloadsByName } from '../../../bench/workloads/index.js';
import type { WorkloadName } from '../../../bench/workloads/table.js';
import { Collector, createHeap } from '../../../gc/index.js';
import { defaultShape } from '../../../heap/index.js';
import type { Work, WorkTask } from './work-thread.js';

const folder = mkdtempSync(join(tmpdir(), 'continuum-same-work-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const cache = join(folder, 'classes');

/** The oldest with references of 4 bytes, and the latest with references of 8. */
const found = (await findRuntimes(['serial', 'zgc'])).candidates;
const byRelease = [...found].sort((a, b) => a.java.release - b.java.release);
const candidates = [
  byRelease.find(({ peer }) => peer === 'serial'),
  byRelease.findLast(({ peer }) => peer === 'zgc'),
].filter((candidate) => candidate !== undefined);
if (candidates.length === 0) console.log('skipped: the work of Java is not compared, there is no JDK');

/** Small enough for seconds, large enough to be collected on the way. gcbench is what it is. */
const sizes = {
  churn: { scale: 2 ** -9, heapBytes: 16 * MiB, operations: 150_000 },
  fullgc: { scale: 2 ** -9, heapBytes: 32 * MiB, operations: 1 },
  binarytrees: { scale: 2 ** -6, heapBytes: 32 * MiB, operations: 300_000 },
  gcbench: { scale: 1, heapBytes: 96 * MiB, operations: 1 },
} as const;

type Size = (typeof sizes)[keyof typeof sizes];

async function ours(workload: WorkloadName, { scale, heapBytes, operations }: Size, seed: number): Promise<Work> {
  const [resolution, flip] = ['continue', 'bank'];
  const heap = createHeap(defaultShape(heapBytes, 1), resolution, flip);
  const collector = new Collector(heap, { resolution, flip, delivery: 'handler', workers: 1 });
  await collector.start();
  const task: WorkTask = { heap: heap.handle, workload, scale, seed, operations };
  const worker = new Worker(new URL('./work-thread.js', import.meta.url), { workerData: task });
  try {
    return await new Promise<Work>((resolve, reject) => worker.once('message', resolve).once('error', reject));
  } finally {
    await collector.stop();
    await worker.terminate();
    heap.close();
  }
}

/** Without a warm-up, whose length would have to be the same. */
async function theirs(command: Command): Promise<PeerReport> {
  const args = command.arguments
    .filter((argument) => !argument.startsWith('warmUpOperations='))
    .map((argument) => (argument.startsWith('warmUpSeconds=') ? 'warmUpSeconds=0' : argument));
  const outcome = await runProcess({ ...command, arguments: args }, { deadlineMs: 60_000 });
  if (outcome.kind !== 'measured') throw new Error(JSON.stringify(outcome));
  return outcome.report;
}

const configOf = (workload: WorkloadName, { scale, heapBytes, operations }: Size, seed: number): PeerConfig => ({
  ...{ peer: 'v8', runtime: v8Runtime, workload, scale, heapBytes, operations, seed },
  ...{ mutators: 1, gcWorkers: 1, seconds: 1, quick: true },
});

async function java(candidate: Candidate, config: PeerConfig): Promise<PeerReport> {
  const { peer } = candidate;
  return theirs(javaCommand({ ...config, peer }, candidate, await classesFor(candidate.java, cache), folder));
}

const workOf = ({ problem, checked, checksum, liveBytes, operations }: PeerReport) => ({
  ...{ problem, checked, checksum, liveBytes },
  operations: operations.count,
});

for (const [name, size] of Object.entries(sizes)) {
  if (!(name in workloadsByName)) continue;
  const workload = name as WorkloadName;
  test(`${workload}: the same operations and the same outcome, with two seeds`, async () => {
    const outcomes = [];
    for (const seed of workload === 'gcbench' ? [1] : [1, 77]) {
      const config = configOf(workload, size, seed);
      const v8 = workOf(await theirs(v8Command(config, folder)));
      assert.is(v8.problem, undefined);
      outcomes.push(v8.checksum);
      for (const candidate of candidates) {
        const said = workOf(await java(candidate, config));
        assert.equal(said, v8, `${candidate.peer} of ${candidate.java.runtime} against V8`);
      }
      const { problem, checked, bytes, operations, checksum } = await ours(workload, size, seed);
      assert.equal(
        { problem, checked, liveBytes: bytes, operations, checksum: checksum ?? v8.checksum },
        { ...v8 },
        'ours against V8',
      );
      if (workload === 'churn' || workload === 'fullgc') assert.type(checksum, 'number');
    }
    const random = workload === 'churn' || workload === 'fullgc';
    if (random) assert.is.not(outcomes[0], outcomes[1], 'another seed is other work');
  });
}

test('an entry is as large in Java as in our heap, with references of 4 bytes and of 8', async () => {
  for (const candidate of candidates) {
    const { entryBytes } = await java(candidate, configOf('churn', { ...sizes.churn, operations: 1 }, 1));
    assert.is(entryBytes, 64, `${candidate.peer} of ${candidate.java.runtime}`);
  }
});

test.run();
