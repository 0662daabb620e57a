/** Runs stress programs against a collector, and compares the heap with the model whenever they stand still. */
import * as assert from 'uvu/assert';
import { type CollectorOptions, type HeapChoices, type Loss, verifyHeap } from '../../gc/index.js';
import { Control, type Heap } from '../../heap/index.js';
import { ModelRun } from './model-run.js';
import { assertPublished } from './published.js';
import { chooseSeed, Random } from './random.js';
import type { StressResult } from './stress-mutator.js';

export interface StressOptions {
  readonly resolution: string;
  readonly flip: string;
  /** By handler, unless said. */
  readonly delivery?: string;
  /** Threads of the collector that are lost on purpose. */
  readonly lose?: Loss;
  readonly choices?: HeapChoices;
  readonly collector?: Partial<CollectorOptions>;
  /** How many cycles, unless CONTINUUM_CYCLES says. */
  readonly cycles?: number;
  /** It ends after so long, whatever its cycles. */
  readonly seconds?: number;
  /** Free regions whose memory is kept; all, unless said. With few, pages are holes when they are built. */
  readonly residentFree?: number;
  readonly heapMiB?: number;
  /** Or once this is so. */
  readonly until?: () => boolean;
  /** It is disturbed so much that nothing is said of how much it does, nor of incidents. */
  readonly disturbed?: boolean;
  /** Called after each cycle, with the programs running. */
  readonly disturb?: (heap: Heap) => void;
  readonly pageBytes?: number;
}

const MIB = 2 ** 20;
const PROGRAMS = 2;
const PRESSURE_MIB = 24;
/** Cycles from one meeting to the next, at most. */
const MEETING_EVERY = 4;

/** Faults of which nothing can be said by their kinds. */
const FEW_FAULTS = 200;

/** One stress run: throws at the first thing that is not as the model has it. Prints its seed and what it did. */
export async function runStress(options: StressOptions): Promise<void> {
  const { resolution, flip, delivery = 'handler', residentFree, lose, choices, collector } = options;
  const { heapMiB = 64, pageBytes } = options;
  const seed = chooseSeed();
  const cycles = Number(process.env.CONTINUUM_CYCLES ?? options.cycles ?? 300);
  const settings = {
    ...chooseSettings(new Random(seed)),
    ...(residentFree !== undefined && { residentFree }),
    ...(lose && { sabotage: { lose } }),
    ...collector,
  };
  console.log(
    `stress ${resolution} × ${delivery} × ${flip}: CONTINUUM_SEED=${seed} CONTINUUM_CYCLES=${cycles} ${JSON.stringify(settings)}`,
  );
  const began = performance.now();
  const run = await ModelRun.start<StressResult>(
    {
      heapMiB,
      modelMiB: 384,
      programs: PROGRAMS,
      ...(pageBytes !== undefined && { pageBytes }),
      collector: { resolution, flip, delivery, workers: 2, ...settings },
      ...(choices && { choices }),
    },
    new URL('./stress-mutator.js', import.meta.url),
    (program) => ({ seed, program, pressureMiB: PRESSURE_MIB }),
    (heap) => {
      verifyHeap(heap);
      assertPublished(heap);
    },
  );
  let results: StressResult[];
  try {
    const until = began + 1000 * (options.seconds ?? Number.POSITIVE_INFINITY);
    const isOver = () => run.collector.records.length >= cycles || performance.now() >= until || options.until?.();
    while (!isOver()) {
      for (let i = 0; i < MEETING_EVERY && !run.meeting.needed; i++) {
        await run.cycle();
        options.disturb?.(run.heap);
      }
      await run.meet(run.meetings % 8 === 7);
    }
    results = await run.finish();
  } catch (error) {
    throw await run.abandon(error);
  }
  report(run, results, performance.now() - began);
  check(run, options, results);
  run.heap.close();
}

/** Settings that a run should find the same graph with. */
function chooseSettings(random: Random) {
  return {
    batch: random.pick([1, 7, 64, 256]),
    faultServers: random.pick([1, 2]),
    greyChunks: random.pick([0, 0, 4]),
    maxLiveShare: random.pick([0.85, 0.95]),
    sabotage: { lingerMs: random.pick([0, 0, 3, 10]) },
  };
}

function check(
  { heap, collector }: ModelRun<StressResult>,
  {
    resolution,
    delivery = 'handler',
    residentFree,
    lose,
    disturbed,
    choices: { barrier = 'software' } = {},
  }: StressOptions,
  results: readonly StressResult[],
): void {
  const { control } = heap;
  for (let i = 0; i < 4; i++) assert.is(control[Control.SERVING + i], 0, 'a fault is being served');
  assert.is(control[Control.COMPACTING], 0, 'a compaction runs');
  assert.is(collector.error, null);
  if (disturbed) return;
  const missing = control[Control.FAULTS_MISSING];
  const minor = control[Control.FAULTS_MINOR];
  const signal = control[Control.FAULTS_SIGNAL];
  if (resolution === 'stw') assert.is(missing + minor + signal, 0, 'mutators stood still and faulted all the same');
  else if (delivery === 'signal') assert.ok(signal > 0 && missing + minor === 0, `${signal} signals`);
  else assert.ok(missing + minor > 0, 'no mutator faulted: it did not run beside a compaction');
  if (resolution === 'copy' || resolution === 'move') assert.is(minor, 0, 'private memory has no MINOR faults');
  else if (residentFree === undefined && delivery === 'handler' && minor + missing > FEW_FAULTS)
    assert.ok(minor > 0, `no MINOR fault, ${missing} MISSING`);
  const incidents = collector.records.reduce((sum, record) => sum + record.incidents.length, 0);
  assert.is(incidents > 0, lose !== undefined, `${incidents} incidents`);
  for (let i = 0; i < PROGRAMS; i++) {
    const logged = heap.meta.log(i).some((entry) => entry !== 0);
    if (resolution !== 'stw')
      assert.is(logged, barrier === 'software', `mutator ${i}: whether its barrier ever logged a store`);
  }
  const written = collector.records.some(({ dirtyPages = 0 }) => dirtyPages > 0);
  assert.is(written, barrier === 'kernel', 'whether written pages were found');
  for (const { operations } of results) assert.ok(operations > 0, 'a program did nothing');
  assert.ok(
    collector.records.some(({ evacuatedBytes }) => evacuatedBytes > 0),
    'no cycle moved anything',
  );
}

function report({ heap, collector, meetings }: ModelRun<StressResult>, results: readonly StressResult[], ms: number) {
  const { control } = heap;
  const { records } = collector;
  const mib = (field: 'liveBytes' | 'evacuatedBytes') =>
    Math.round(records.reduce((sum, record) => sum + record[field], 0) / records.length / MIB);
  const allocation = records.filter(({ trigger }) => trigger === 'allocation').length;
  const programs = results.map((r) => `${r.operations} operations (${r.outOfMemory} out of memory)`).join(', ');
  console.log(
    `  ${records.length} cycles (${allocation} by allocation), ${meetings} meetings, ${programs}; a cycle: ` +
      `${mib('liveBytes')} MiB live, ${mib('evacuatedBytes')} moved; faults: ${control[Control.FAULTS_MINOR]} minor, ` +
      `${control[Control.FAULTS_MISSING]} missing, ${control[Control.FAULTS_SIGNAL]} by signal; ` +
      `${records.reduce((sum, record) => sum + record.incidents.length, 0)} incidents; ${(ms / 1000).toFixed(1)} s`,
  );
}
