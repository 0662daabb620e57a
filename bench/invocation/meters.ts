/**
 * What is measured, from one call to the next: the counters of heap and collector are read when the measured period
 * begins and when it ends, with every mutator parked both times, and their differences are the figures.
 *
 * In a period of turns what passes between them counts as little as what passes before and after.
 *
 * Collections count if they began and ended in the period, which is all of them but one that is still under way when a
 * workload runs dry: the period begins between two cycles, and waits for the cycle under way before it ends.
 */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Collector, CycleRecord } from '../../gc/index.js';
import { Control, type Heap, Own, ownBase, type WaitWord, waitedUs } from '../../heap/index.js';
import { batchSamples, meteredBatches } from '../latency/closed-loop.js';
import { curveOf } from '../latency/quantiles.js';
import type { Measurement } from '../schema/index.js';
import { percentile } from '../statistics/sample.js';
import { traceFigures } from '../trace/figures.js';
import type { Span } from '../trace/mmu.js';
import type { MutatorReport } from './mutator-thread.js';
import { processMs, processorMs } from './processor-time.js';

interface Readings {
  readonly missing: number;
  readonly minor: number;
  readonly signal: number;
  /** A mutator of the heap each. */
  readonly faults: readonly number[];
  readonly stalls: number;
  readonly stallUs: number;
  readonly longestStallUs: number;
  readonly paced: number;
  readonly pacedUs: number;
  readonly records: number;
  readonly processMs: number;
  readonly collectorMs: number;
}

/** What passed between two turns. */
interface Rest extends Pick<Readings, 'processMs' | 'collectorMs'> {
  /** By the recorder's clock, ns. */
  readonly span: Span;
}

/** Count and percentiles, µs. */
interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type Figures = Omit<Measurement, 'digest' | 'memory' | 'error'>;

export class Meters {
  private before: Readings | undefined;
  private periodNs = 0;
  private after: (Readings & { readonly service: Spread }) | undefined;
  private readonly rests: Rest[] = [];

  constructor(
    private readonly heap: Heap,
    private readonly collector: Collector,
    /** The kernel's numbers of the collector's threads, the main thread included. */
    private readonly collectorThreads: readonly number[],
    /** Nanoseconds a batch. */
    private readonly batches: RecordableHistogram,
  ) {}

  /** Every mutator is parked, and no cycle runs. */
  begin(): void {
    const { control, layout } = this.heap;
    for (let i = 0; i < layout.mutators; i++) Atomics.store(control, ownBase(i) + Own.STALL_MAX_US, 0);
    this.batches.reset();
    this.collector.faults.service.reset();
    this.before = this.read();
    this.heap.trace?.start();
  }

  /** Every mutator is parked. */
  end(): void {
    this.periodNs = this.heap.trace?.now() ?? 0;
    this.heap.trace?.stop();
    this.after = { ...this.read(), service: spread(this.collector.faults.service) };
  }

  /** A turn has ended: every mutator is parked, and no cycle runs. The function it answers is to be called as the next begins. */
  rest(): () => void {
    const began = { ns: this.heap.trace?.now() ?? 0, ...this.processorTimes() };
    return () => {
      const now = this.processorTimes();
      this.rests.push({
        span: [began.ns, this.heap.trace?.now() ?? 0],
        processMs: now.processMs - began.processMs,
        collectorMs: now.collectorMs - began.collectorMs,
      });
    };
  }

  /** Collections of the measured period so far. */
  get records(): readonly CycleRecord[] {
    return this.collector.records.slice(this.before?.records ?? 0, this.after?.records);
  }

  figures(reports: readonly MutatorReport[]): Figures {
    const { before, after, records } = this;
    if (before === undefined || after === undefined) throw new Error('nothing was measured');
    const sum = (of: (report: MutatorReport) => number) => reports.reduce((total, report) => total + of(report), 0);
    const rested = (of: 'processMs' | 'collectorMs') => this.rests.reduce((total, rest) => total + rest[of], 0);
    const liveBytes = records.reduce((total, { liveBytes }) => total + liveBytes, 0);
    const totalMs = records.reduce((total, { ms }) => total + ms.total, 0);
    return {
      operations: {
        count: sum(({ operations }) => operations),
        perSecond: sum(({ operations, wallMs }) => (operations * 1000) / wallMs),
      },
      batchUs: this.batchUs(reports),
      // Of the collections counted here, and no others.
      pauseUs: { remark: pauses(records, 'remark'), flip: pauses(records, 'flip') },
      faults: {
        missing: after.missing - before.missing,
        minor: after.minor - before.minor,
        signal: after.signal - before.signal,
        byMutator: reports.map(({ mutator }) => after.faults[mutator] - before.faults[mutator]),
        serviceUs: after.service,
      },
      stalls: {
        count: after.stalls - before.stalls,
        totalMs: (after.stallUs - before.stallUs) / 1000,
        maxMs: after.longestStallUs / 1000,
        paced: { count: after.paced - before.paced, totalMs: (after.pacedUs - before.pacedUs) / 1000 },
      },
      collections: [...records],
      compactionMBps: totalMs === 0 ? 0 : liveBytes / 1e6 / (totalMs / 1000),
      cpuMs: {
        total: after.processMs - before.processMs - rested('processMs'),
        collector: after.collectorMs - before.collectorMs - rested('collectorMs'),
        mutators: sum(({ cpuMs }) => cpuMs),
      },
      ...traceFigures(
        this.heap,
        reports.map(({ mutator }) => mutator),
        this.periodNs,
        this.rests.map(({ span }) => span),
      ),
    };
  }

  /** With a rate the open loop times its requests itself: none here. */
  private batchUs(reports: readonly MutatorReport[]): Figures['batchUs'] {
    const { batches } = this;
    const { count, p50, p99, max } = spread(batches);
    const us = (share: number) => (share === 0 ? batches.min : batches.percentile(100 * share)) / 1000;
    const times = reports.map(({ batchTimes }) => batchTimes);
    const [metered, samples] = [meteredBatches(times), batchSamples(times)];
    const p999 = count === 0 ? 0 : us(0.999);
    return {
      count,
      p50,
      p99,
      p999,
      max,
      curve: curveOf(count, us),
      ...(samples && { samples }),
      ...(metered && { metered }),
    };
  }

  private read(): Readings {
    const { control, layout } = this.heap;
    const own = (word: number) =>
      Array.from({ length: layout.mutators }, (_, i) => Atomics.load(control, ownBase(i) + word));
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const total = (word: number) => sum(own(word));
    const waited = (word: WaitWord) =>
      sum(Array.from({ length: layout.mutators }, (_, i) => waitedUs(control, i, word)));
    return {
      missing: Atomics.load(control, Control.FAULTS_MISSING),
      minor: Atomics.load(control, Control.FAULTS_MINOR),
      signal: Atomics.load(control, Control.FAULTS_SIGNAL),
      faults: own(Own.FAULTS),
      stalls: total(Own.STALLS),
      stallUs: waited(Own.STALL_US),
      longestStallUs: Math.max(...own(Own.STALL_MAX_US)),
      paced: total(Own.PACED),
      pacedUs: waited(Own.PACED_US),
      records: this.collector.records.length,
      ...this.processorTimes(),
    };
  }

  private processorTimes(): Pick<Readings, 'processMs' | 'collectorMs'> {
    return { processMs: processMs(), collectorMs: processorMs(this.collectorThreads) };
  }
}

/** Spread of a pause over collections, those without it left out. */
function pauses(records: readonly CycleRecord[], pause: 'remark' | 'flip'): Spread {
  const us = records.map(({ ms }) => ms[pause] * 1000).filter((length) => length > 0);
  if (us.length === 0) return { count: 0, p50: 0, p99: 0, max: 0 };
  return { count: us.length, p50: percentile(us, 0.5), p99: percentile(us, 0.99), max: percentile(us, 1) };
}

/** Count and percentiles of a histogram of nanoseconds, in µs. An empty one has none. */
function spread(histogram: RecordableHistogram): Spread {
  const { count } = histogram;
  if (count === 0) return { count, p50: 0, p99: 0, max: 0 };
  const us = (share: number) => histogram.percentile(share) / 1000;
  return { count, p50: us(50), p99: us(99), max: histogram.max / 1000 };
}
