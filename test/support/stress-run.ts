/** Runs stress programs against a collector, and compares the heap with the model whenever they stand still. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as assert from 'uvu/assert';
import { Collector, createHeap, digestGraph, HeapGraph, verifyHeap } from '../../gc/index.js';
import { Control, DEFAULT_REGION_BYTES, defaultShape, type Heap } from '../../heap/index.js';
import { collectModel, ModelHeap, modelShape } from '../model/index.js';
import { Meeting } from './meeting.js';
import { chooseSeed, Random } from './random.js';
import type { StressResult, StressTask } from './stress-mutator.js';

export interface StressOptions {
  readonly resolution: string;
  readonly flip: string;
}

const MIB = 2 ** 20;
const HEAP_MIB = 64;
const MODEL_MIB = 384;
const PRESSURE_MIB = 24;
const MUTATORS = 2;
/** Cycles from one meeting to the next, at most. */
const MEETING_EVERY = 4;

/** One stress run: throws at the first thing that is not as the model has it. Prints its seed and what it did. */
export async function runStress({ resolution, flip }: StressOptions): Promise<void> {
  const seed = chooseSeed();
  const cycles = Number(process.env.CONTINUUM_CYCLES ?? 300);
  const options = chooseOptions(new Random(seed));
  const name = `${resolution} × ${flip}`;
  console.log(`stress ${name}: CONTINUUM_SEED=${seed} CONTINUUM_CYCLES=${cycles} ${JSON.stringify(options)}`);
  const heap = createHeap(defaultShape(HEAP_MIB * MIB, MUTATORS), resolution, flip);
  const model = ModelHeap.create(
    modelShape(MODEL_MIB, DEFAULT_REGION_BYTES / 8, heap.layout.granulesPerPage),
    MUTATORS,
  );
  const meeting = new Meeting();
  const collector = new Collector(heap, {
    resolution,
    flip,
    delivery: 'handler',
    workers: 2,
    ...options,
    inspect: () => void verifyHeap(heap),
  });
  await collector.start();
  const began = performance.now();
  const programs = Array.from({ length: MUTATORS }, (_, program) =>
    startProgram({
      heap: heap.handle,
      model: model.handle,
      meeting: meeting.handle,
      seed,
      program,
      pressureMiB: PRESSURE_MIB,
    }),
  );
  const failed = Promise.all(programs); // rejects if one of them does
  const during = <T>(work: Promise<T>) =>
    Promise.race([work, failed.then(() => Promise.reject(new Error('a program ended too early')))]);
  try {
    let meetings = 0;
    const compare = () => {
      sameGraph(heap, model, `at meeting ${++meetings}, after ${collector.records.length} cycles`);
    };
    while (collector.records.length < cycles) {
      for (let i = 0; i < MEETING_EVERY && !meeting.needed; i++) await during(collector.collect());
      await during(
        meeting.hold(MUTATORS, async () => {
          compare();
          meeting.tell((8 * collectModel(model)) / MIB);
          if (meetings % 8 === 0) await collector.collect();
          compare();
        }),
      );
    }
    meeting.stop();
    const results = await failed;
    await collector.stop();
    const seconds = (performance.now() - began) / 1000;
    report(name, heap, collector, results, meetings, seconds);
    check(resolution, heap, collector, results);
  } catch (error) {
    throw collector.error ?? error;
  }
  heap.close();
}

/** Settings that a run should find the same graph with. */
function chooseOptions(random: Random) {
  return {
    batch: random.pick([1, 7, 64, 256]),
    faultServers: random.pick([1, 2]),
    greyChunks: random.pick([0, 0, 4]),
    maxLiveShare: random.pick([0.85, 0.95]),
  };
}

async function startProgram(task: StressTask): Promise<StressResult> {
  const worker = new Worker(new URL('./stress-mutator.js', import.meta.url), { workerData: { task } });
  // Both at once: a worker that ends delivers its last message and its exit in one go.
  const [[result]] = await Promise.all([once(worker, 'message') as Promise<[StressResult]>, once(worker, 'exit')]);
  return result;
}

function sameGraph(heap: Heap, model: ModelHeap, when: string): void {
  const found = digestGraph(new HeapGraph(heap));
  const wanted = digestGraph(model);
  assert.equal(found, wanted, `the heap's graph ${when} is not the model's: ${JSON.stringify({ found, wanted })}`);
}

function check(resolution: string, heap: Heap, collector: Collector, results: readonly StressResult[]): void {
  const { control } = heap;
  const missing = control[Control.FAULTS_MISSING];
  const minor = control[Control.FAULTS_MINOR];
  assert.ok(missing + minor > 0, 'no mutator faulted: it did not run beside a compaction');
  if (resolution === 'continue') assert.ok(minor > missing, `${minor} MINOR faults, ${missing} MISSING`);
  assert.is(control[Control.SERVING], 0);
  assert.is(control[Control.COMPACTING], 0);
  assert.is(collector.error, null);
  assert.ok(
    results.every(({ operations }) => operations > 0),
    'a program did nothing',
  );
  assert.ok(
    collector.records.some((record) => record.evacuatedBytes > 0),
    'no cycle moved anything',
  );
}

function report(
  name: string,
  heap: Heap,
  { records }: Collector,
  results: readonly StressResult[],
  meetings: number,
  seconds: number,
): void {
  const { control } = heap;
  const sum = (of: (record: (typeof records)[number]) => number) => records.reduce((total, one) => total + of(one), 0);
  const mib = (bytes: number) => Math.round(bytes / records.length / MIB);
  console.log(
    `stress ${name}: ${records.length} cycles (${records.filter((r) => r.trigger !== 'requested').length} by allocation), ` +
      `${meetings} comparisons, ${results.map((r) => `${r.operations} operations (${r.outOfMemory} out of memory)`).join(', ')}; ` +
      `a cycle: ${mib(sum((r) => r.liveBytes))} MiB live, ${mib(sum((r) => r.evacuatedBytes))} moved; ` +
      `faults ${control[Control.FAULTS_MINOR]} minor, ${control[Control.FAULTS_MISSING]} missing; ${seconds.toFixed(1)} s`,
  );
}
