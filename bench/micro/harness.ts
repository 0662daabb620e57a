/** Micro-benchmarks of single operations, on the `benchmark` package: what it measures, made readable and bounded. */
import Benchmark from 'benchmark';

// It takes functions apart to time them inlined, which breaks closures, imports and everything compiled.
Benchmark.support.decompilation = false;

/** Benchmarks that share what `open` sets up. */
export interface Suite {
  readonly name: string;
  /** Sets up. May throw: the suite is then left out, and the reason printed. */
  readonly open: () => OpenSuite;
}

export interface OpenSuite {
  readonly benchmarks: readonly MicroBenchmark[];
  readonly close: () => void;
}

export interface MicroBenchmark {
  readonly name: string;
  /** One operation; synchronous, as `benchmark` does not wait for promises. */
  readonly run: () => void;
  /** Pages an operation handles: the result then has a time a page. */
  readonly pages?: number;
  /** For operations that use something up. */
  readonly supply?: {
    /** Makes `operations` of them possible; not timed. */
    readonly renew: () => void;
    /** How many are timed between two calls of `renew`. */
    readonly operations: number;
  };
}

/** What a benchmark gave. */
export interface MicroResult {
  readonly suite: string;
  readonly name: string;
  /** Mean time of an operation, ns. */
  readonly nsPerOperation: number;
  /** Mean time a page, ns; absent where an operation has none. */
  readonly nsPerPage?: number;
  /** Half-width of the 95% confidence interval of the mean, percent. */
  readonly marginPercent: number;
  readonly samples: number;
}

/** A suite that could not be set up. */
export interface SkippedSuite {
  readonly suite: string;
  readonly error: unknown;
}

/**
 * Runs a suite, telling each result as it comes.
 * @param seconds longest time a benchmark runs
 */
export function runSuite(suite: Suite, seconds: number, tell: (result: MicroResult) => void): SkippedSuite | undefined {
  let open: OpenSuite;
  try {
    open = suite.open();
  } catch (error) {
    return { suite: suite.name, error };
  }
  try {
    for (const micro of open.benchmarks) tell(runBenchmark(suite.name, micro, seconds));
  } finally {
    open.close();
  }
  return undefined;
}

function runBenchmark(suite: string, micro: MicroBenchmark, seconds: number): MicroResult {
  const { run, supply, pages } = micro;
  const done = new Benchmark(micro.name, run, {
    maxTime: seconds,
    minSamples: 5,
    // With a supply a sample is exactly what it allows: a least time of next to nothing keeps `count` as it began.
    ...(supply && { initCount: supply.operations, minTime: 1e-9, setup: supply.renew }),
  }).run({ async: false });
  if (done.error) throw done.error;
  const nsPerOperation = done.stats.mean * 1e9;
  return {
    suite,
    name: micro.name,
    nsPerOperation,
    ...(pages && { nsPerPage: nsPerOperation / pages }),
    marginPercent: done.stats.rme,
    samples: done.stats.sample.length,
  };
}
