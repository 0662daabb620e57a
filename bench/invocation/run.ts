/** One invocation: heap, collector and mutators, from set-up to the measurement that is sent to the parent. */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Piscina } from 'piscina';
import { Collector, type CycleRecord, createHeap } from '../../gc/index.js';
import { Control, defaultShape, type Heap, Safepoints } from '../../heap/index.js';
import { collectorOptions, heapChoices, pageBytesOf } from '../configurations/settings.js';
import { messageOf } from '../errors.js';
import { requestsOf } from '../latency/requests.js';
import { resolutions } from '../options/choices.js';
import { faultedWrongly } from '../results/checks.js';
import { faultsTaken, type InvocationConfig, type InvocationError, type Measurement } from '../schema/index.js';
import type { FileTexts, ProgressMessage } from '../schema/protocol.js';
import { traceFile } from '../trace/figures.js';
import { workloadsByName } from '../workloads/index.js';
import { workloadTraits } from '../workloads/table.js';
import { type Found, judge, lookThrough } from './digest.js';
import { RunFailure } from './failures.js';
import { floatingBytesOf, fragmentationOf } from './leftovers.js';
import { MemorySampler } from './memory-sampler.js';
import { type Figures, Meters } from './meters.js';
import type { MutatorOutcome, MutatorReport, MutatorTask } from './mutator-thread.js';
import type { PrepareOutcome, PrepareTask } from './prepare-thread.js';
import { threadIds } from './processor-time.js';
import { Conductor, makeStepWords, Step } from './steps.js';
import { poolOf, runOnce } from './threads.js';
import { operationsShareOf, warmUpSecondsOf } from './warm-up.js';

/** How often the parent hears of progress, and the collector is asked whether it is well, ms. */
const tickMs = 100;
/** How long mutators run again before floating garbage is counted, ms. */
const runningMs = 50;
/** How often it is looked whether half of the operations are done, ms. */
const lookMs = 10;

export type Progress = Omit<ProgressMessage, 'type'>;
export type Tell = (progress: Progress) => void;
/** Resolves when it is this process's turn, or when all have had theirs. */
export type Gate = (awaited: 'turn' | 'end') => Promise<void>;

/** A measurement, and the contents of files that go with it. */
export type Measured = Measurement & { readonly texts?: FileTexts };

/**
 * Runs an invocation. The measurement carries an `error` where it cannot be trusted. Rejects when there is none; then
 * threads may hang in a fault, and only the end of the process ends them. `gate` is waited at where it is measured in turns.
 * `trace`: the file that gets what was recorded.
 */
export async function measure(
  config: InvocationConfig,
  tell: Tell,
  trace?: string,
  gate: Gate = async () => {},
): Promise<Measured> {
  tell({ phase: 'setup', fraction: 0 });
  const prepared = await prepare(config);
  const { resolution, flip, heapBytes, mutators } = config;
  const shape = defaultShape(heapBytes, mutators, pageBytesOf(config));
  const level = config.trace ? 'pages' : 'timeline';
  const heap = createHeap(shape, resolution, flip, { ...heapChoices(config), trace: level });
  const run = new Run(config, heap, tell, gate);
  const measurement = await run.toTheEnd(prepared);
  const files = traceFile(trace, heap, config);
  await run.close();
  return { ...files, ...measurement };
}

async function prepare({ workload, scale, mutators, graph, references }: InvocationConfig): Promise<unknown> {
  if (workloadsByName[workload].prepare === undefined) return undefined;
  const task: PrepareTask = { workload, scale, mutators, graph, references };
  const outcome = await runOnce<PrepareTask, PrepareOutcome>('./prepare-thread.js', task);
  if ('error' in outcome) throw new RunFailure(outcome.error);
  return outcome.prepared;
}

class Run {
  private readonly conductor: Conductor;
  private readonly collector: Collector;
  private readonly sampler: MemorySampler;
  private readonly meters: Meters;
  private readonly mutators: Piscina;
  /** Nanoseconds a batch, of all mutators. */
  private readonly batches = createHistogram();
  /** Rejects when the collector or a mutator cannot go on; never resolves. */
  private readonly failure: Promise<never>;
  private fail: (reason: unknown) => void = () => {};
  /** Of the last collection. */
  private fragmentation: Measurement['memory']['fragmentation'];
  private floating: number | 'wanted' | undefined;
  private readonly waitingForCycle: (() => void)[] = [];
  private ticker: NodeJS.Timeout | undefined;
  private silent = false;
  private progress: () => Progress = () => ({ phase: 'setup', fraction: this.conductor.progress });

  constructor(
    private readonly config: InvocationConfig,
    private readonly heap: Heap,
    private readonly tell: Tell,
    private readonly gate: Gate,
  ) {
    const { mutators } = config;
    this.failure = new Promise((_, reject) => {
      this.fail = reject;
    });
    this.failure.catch(() => {}); // who waits for something races with it, and nobody may be waiting just then
    this.conductor = new Conductor(makeStepWords(mutators), mutators);
    this.sampler = new MemorySampler(heap);
    const before = new Set(threadIds());
    this.collector = new Collector(heap, {
      ...collectorOptions(config),
      keepRecords: Number.POSITIVE_INFINITY, // a result line has them all
      onCycle: (record) => this.afterCycle(record),
    });
    // The main thread drives the cycles. Its number is the process's.
    const threads = [process.pid, ...threadIds().filter((thread) => !before.has(thread))];
    this.meters = new Meters(heap, this.collector, threads, this.batches);
    this.mutators = poolOf('./mutator-thread.js', mutators);
  }

  async toTheEnd(prepared: unknown): Promise<Measured> {
    const { conductor, meters, sampler, heap, config } = this;
    this.ticker = setInterval(() => this.tick(), tickMs);
    await this.collector.start();
    const reports = this.startMutators(prepared);
    await this.unlessFailed(conductor.allArrived());
    sampler.start();
    const warmUp = await this.warmUp();
    if (config.turns !== undefined) await this.waitFor('turn');
    meters.begin();
    sampler.beginSeries();
    const startedAt = Date.now();
    await (config.turns === undefined ? this.measuredPeriod() : this.measuredTurns(config.turns));
    meters.end();
    sampler.stop();
    if (config.turns !== undefined) await this.waitFor('end');
    const { fragmentation } = this;
    const found = await this.check();
    const memory = {
      peakPssBytes: sampler.peakPssBytes,
      metadataBytes: heap.metadataBytes,
      heapResidentBytes: heap.space.residentBytes(),
      ...(meters.records.length > 0 && { fragmentation }),
      series: [...sampler.series],
    };
    const floatingBytes = 'problem' in found ? undefined : await this.floatingAfterwards();
    conductor.goTo(Step.LEAVE);
    const done = await this.unlessFailed(reports);
    const figures = meters.figures(done);
    const { digest, problem } = judge(
      found,
      done.map(({ check }) => check),
    );
    const error = problem === undefined ? this.worthless(figures) : wrongHeap(problem);
    return {
      ...{ digest, ...figures, ...this.requests(done, figures, startedAt), warmUp },
      memory: { ...memory, ...(floatingBytes !== undefined && { floatingBytes }) },
      ...(error && { error }),
    };
  }

  /** Of a run with a rate: what replaces and joins the other figures. */
  private requests(done: readonly MutatorReport[], { operations }: Figures, startedAt: number): Partial<Measured> {
    const { rate } = this.config;
    if (rate === undefined) return {};
    const latencies = done.flatMap(({ latency }) => latency ?? []);
    const span = { startedAt, ms: Math.max(...done.map(({ wallMs }) => wallMs)) };
    return requestsOf(latencies, { offeredPerSecond: rate, reachedPerSecond: operations.perSecond }, span);
  }

  async close(): Promise<void> {
    clearInterval(this.ticker);
    await this.mutators.destroy();
    await this.collector.stop();
    this.heap.close();
  }

  private async startMutators(prepared: unknown): Promise<MutatorReport[]> {
    const { config, heap, conductor, batches } = this;
    const { workload, scale, seed, mutators, graph, references, rate } = config;
    const operations = operationsShareOf(config);
    const one = async (index: number): Promise<MutatorReport> => {
      const task: MutatorTask = {
        ...{ heap: heap.handle, steps: conductor.words, workload, scale, mutators, graph, references },
        ...{ index, prepared, batches, operations },
        seed: seed + index,
        ...(rate !== undefined && { rate }),
      };
      const outcome = (await this.mutators.run(task)) as MutatorOutcome;
      if ('error' in outcome) throw new RunFailure(outcome.error);
      return outcome;
    };
    const all = Promise.all(Array.from({ length: mutators }, (_, index) => one(index)));
    // A mutator that fails because the collector did is not what is wrong.
    all.catch((error: unknown) => this.fail(this.collector.error ?? error));
    return all;
  }

  private async warmUp(): Promise<Measurement['warmUp']> {
    const { conductor, config, collector } = this;
    const began = performance.now();
    const before = collector.records.length;
    const seconds = warmUpSecondsOf(config);
    const arrived = conductor.allArrived();
    if (seconds > 0) {
      const fixed = config.operations !== undefined;
      this.progress = fixed ? this.counted('warmup') : timed('warmup', seconds);
      conductor.goTo(Step.WARM_UP);
      await this.unlessFailed(fixed ? arrived : Promise.race([pause(seconds), arrived]));
    }
    conductor.goTo(Step.WARM);
    await this.unlessFailed(arrived);
    await this.quiet();
    return { ms: performance.now() - began, collections: collector.records.length - before };
  }

  /**
   * As long as was asked for, and until at least one collection has run beside the mutators from start to end; or until
   * as many operations are done as were asked for, whatever the collector does then.
   */
  private async measuredPeriod(): Promise<void> {
    const { conductor, collector, meters, config } = this;
    const { seconds } = config;
    const fixed = config.operations !== undefined;
    const arrived = conductor.allArrived();
    const text = () => `${meters.records.length} collections`;
    this.progress = fixed ? this.counted('measure', text) : timed('measure', seconds, text);
    conductor.goTo(Step.MEASURE);
    await this.unlessFailed(Promise.race([fixed ? this.halfway(arrived) : pause(seconds / 2), arrived]));
    if (meters.records.length === 0 && !this.isCollecting) {
      collector.collect('requested').catch(() => {}); // the ticker sees why it failed
    }
    await this.unlessFailed(fixed ? arrived : Promise.race([pause(seconds / 2), arrived]));
    if (this.isCollecting) await this.unlessFailed(Promise.race([this.endOfCycle(), arrived]));
    conductor.goTo(Step.STOP);
    await this.unlessFailed(arrived);
  }

  /**
   * As many turns as go into the time that was asked for. Each ends like a period of its own, with the collection that is
   * under way: what follows on each other is then as in one period, and nothing is collected while others have their turn.
   */
  private async measuredTurns(turnSeconds: number): Promise<void> {
    const { conductor, collector, meters, sampler, config } = this;
    const turns = Math.max(1, Math.round(config.seconds / turnSeconds));
    for (let turn = 1; ; turn++) {
      const arrived = conductor.allArrived();
      this.progress = () => ({ phase: 'measure', fraction: (turn - 1) / turns, text: `turn ${turn} of ${turns}` });
      conductor.goTo(Step.MEASURE);
      if (turn > turns / 2 && meters.records.length === 0 && !this.isCollecting) {
        collector.collect('requested').catch(() => {}); // the ticker sees why it failed
      }
      await this.unlessFailed(pause(turnSeconds));
      if (this.isCollecting) await this.unlessFailed(this.endOfCycle());
      conductor.goTo(turn === turns ? Step.STOP : Step.BETWEEN);
      await this.unlessFailed(arrived);
      if (turn === turns) return;
      await this.quiet();
      const goOn = [meters.rest(), sampler.rest()];
      await this.waitFor('turn');
      for (const go of goOn) go();
    }
  }

  /** Waits, and says nothing meanwhile: what is awaited is other processes' time. */
  private async waitFor(awaited: 'turn' | 'end'): Promise<void> {
    this.silent = true;
    await this.unlessFailed(this.gate(awaited));
    this.silent = false;
  }

  /** Resolves when half of the operations are done, or all. */
  private async halfway(arrived: Promise<void>): Promise<void> {
    const over = arrived.then(() => true);
    while (this.conductor.progress < 0.5) if (await Promise.race([pause(lookMs / 1000), over])) return;
  }

  /** Lets every mutator check its own, and then looks through the heap while they are parked. */
  private async check(): Promise<Found> {
    const { conductor, heap } = this;
    this.progress = () => ({ phase: 'check', fraction: conductor.progress });
    conductor.goTo(Step.CHECK);
    await this.unlessFailed(conductor.allArrived());
    await this.quiet();
    // No cycle can begin meanwhile: this thread drives them.
    return lookThrough(heap, this.config.operations !== undefined);
  }

  /**
   * Floating garbage of one more collection, while the mutators go on: everything that counts is measured and checked
   * by now. Undefined for workloads that stand still while they are collected.
   */
  private async floatingAfterwards(): Promise<number | undefined> {
    const { conductor, collector, config } = this;
    if (workloadTraits(config.workload).judgedBy !== 'operations') return undefined;
    this.progress = () => ({ phase: 'afterwards' });
    conductor.goTo(Step.AFTERWARDS);
    await this.unlessFailed(pause(runningMs / 1000));
    if (!resolutions[config.resolution].faults) {
      // What stops the world keeps nothing that dies meanwhile: what dies just after it is not to count.
      const resting = conductor.allArrived();
      conductor.goTo(Step.REST);
      await this.unlessFailed(resting);
      await this.quiet();
    }
    this.floating = 'wanted';
    if (!this.isCollecting) collector.collect('requested').catch(() => {}); // the ticker sees why it failed
    while (this.floating === 'wanted') await this.unlessFailed(this.endOfCycle());
    return this.floating;
  }

  /** What makes a run worthless although its heap is right. */
  private worthless({ faults, collections }: Pick<Measurement, 'faults' | 'collections'>): InvocationError | undefined {
    const { config } = this;
    const compactions = collections.filter(({ evacuatedBytes }) => evacuatedBytes > 0).length;
    if (compactions === 0 && config.evacuate !== 'none') {
      return {
        code: 'NO_COMPACTION',
        message: `none of ${collections.length} collections had anything to compact`,
        hint: 'use more --seconds or a smaller --heap',
      };
    }
    return faultedWrongly(config, faultsTaken(faults), collections.length);
  }

  private async afterCycle(record: CycleRecord): Promise<void> {
    this.sampler.afterCycle();
    this.fragmentation = fragmentationOf(this.heap, record);
    if (this.floating === 'wanted') await this.countFloating();
    for (const go of this.waitingForCycle.splice(0)) go();
  }

  private async countFloating(): Promise<void> {
    try {
      await new Safepoints(this.heap).pause(() => {
        this.floating = floatingBytesOf(this.heap);
      });
    } catch (error) {
      this.fail(new RunFailure(wrongHeap(messageOf(error))));
    }
  }

  private get isCollecting(): boolean {
    const { control } = this.heap;
    return Atomics.load(control, Control.CYCLE) !== Atomics.load(control, Control.COLLECTIONS);
  }

  private endOfCycle(): Promise<void> {
    return new Promise((resolve) => this.waitingForCycle.push(resolve));
  }

  /** Resolves when no cycle runs. */
  private async quiet(): Promise<void> {
    while (this.isCollecting) await this.unlessFailed(this.endOfCycle());
  }

  private counted(phase: string, text?: () => string): () => Progress {
    return () => ({ phase, fraction: this.conductor.progress, ...(text && { text: text() }) });
  }

  private unlessFailed<T>(wanted: Promise<T>): Promise<T> {
    return Promise.race([wanted, this.failure]);
  }

  private tick(): void {
    if (this.collector.error !== null) this.fail(this.collector.error);
    if (!this.silent) this.tell(this.progress());
  }
}

function wrongHeap(problem: string): InvocationError {
  return {
    code: 'DIGEST',
    message: `the heap is not what it must be: ${problem}`,
    hint: 'a bug of the collector or the workload: run it again with the same --seed, and report it',
  };
}

/** Without keeping the process from ending. */
async function pause(seconds: number): Promise<void> {
  await sleep(seconds * 1000, undefined, { ref: false });
}

function timed(phase: string, seconds: number, text?: () => string): () => Progress {
  const began = performance.now();
  return () => ({
    phase,
    fraction: Math.min(1, (performance.now() - began) / 1000 / seconds),
    ...(text && { text: text() }),
  });
}
