/** One invocation: heap, collector and mutators, from set-up to the measurement that is sent to the parent. */
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import { Collector, createHeap } from '../gc/index.js';
import { Control, defaultShape, type Heap } from '../heap/index.js';
import { digestOf } from './digest.js';
import { Meters } from './meters.js';
import { MemorySampler } from './memory-sampler.js';
import type { MutatorOutcome, MutatorReport, MutatorTask } from './mutator-thread.js';
import { threadIds } from './processor-time.js';
import type { ProgressMessage } from './protocol.js';
import type { InvocationConfig, InvocationError, Measurement } from './schema.js';
import { Conductor, makeStepWords, Step } from './steps.js';
import { workloadsByName } from './workloads/index.js';

/** How often the parent hears of progress, and the collector is asked whether it is well, ms. */
const tickMs = 100;
/** Share of the warm-up that is left of it with `quick`. */
const quickWarmUp = 0.1;

/** An error that is described already. */
export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  constructor(readonly reason: InvocationError) {
    super(reason.message);
  }
}
