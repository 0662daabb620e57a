/** What rounds did, and their sum. */
import type { Collector } from '../../gc/index.js';
import { Control, type Heap } from '../../heap/index.js';
import type { Injector } from './injections.js';

export interface Outcome {
  rounds: number;
  cycles: number;
  /** Cycles that moved something. */
  compactions: number;
  faults: { minor: number; missing: number; signal: number };
  /** Threads lost, and steps at which somebody slept. */
  losses: number;
  delays: number;
  /** System calls that were made to fail. */
  refused: number;
  /** By kind: the sentence without its numbers. */
  incidents: Record<string, number>;
  /** Times at which a heap was found to be what it must be: meetings with the model, workloads' own checks. */
  compared: number;
  operations: number;
  outOfMemory: number;
  /** Why rounds were left out, and how many. */
  skipped: Record<string, number>;
}

export function nothing(): Outcome {
  return {
    ...{ rounds: 0, cycles: 0, compactions: 0, losses: 0, delays: 0, refused: 0 },
    ...{ compared: 0, operations: 0, outOfMemory: 0 },
    faults: { minor: 0, missing: 0, signal: 0 },
    incidents: {},
    skipped: {},
  };
}

export function skipped(why: string): Outcome {
  return { ...nothing(), skipped: { [why]: 1 } };
}

/** Of a round at its end. */
export function outcomeOf(heap: Heap, { records }: Collector, injector: Injector): Outcome {
  const { control } = heap;
  const incidents: Record<string, number> = {};
  for (const incident of records.flatMap((record) => record.incidents)) add(incidents, kindOf(incident), 1);
  return {
    ...nothing(),
    ...{ rounds: 1, cycles: records.length, incidents, losses: injector.losses },
    ...{ delays: injector.delays, refused: injector.refused },
    compactions: records.filter(({ evacuatedBytes }) => evacuatedBytes > 0).length,
    faults: {
      minor: control[Control.FAULTS_MINOR]!,
      missing: control[Control.FAULTS_MISSING]!,
      signal: control[Control.FAULTS_SIGNAL]!,
    },
  };
}

/** Adds `more` to `sum`. */
export function addTo(sum: Outcome, more: Outcome): void {
  for (const field of NUMBERS) sum[field] += more[field];
  for (const kind of ['minor', 'missing', 'signal'] as const) sum.faults[kind] += more.faults[kind];
  for (const field of ['incidents', 'skipped'] as const) {
    for (const [name, count] of Object.entries(more[field])) add(sum[field], name, count);
  }
}

const NUMBERS = [
  'rounds',
  'cycles',
  'compactions',
  'losses',
  'delays',
  'refused',
  'compared',
  'operations',
  'outOfMemory',
] as const;

/** Numbers tell incidents of the same kind apart, and so do the errors that are quoted in them. */
export function kindOf(incident: string): string {
  return incident.replaceAll(QUOTED, '').replaceAll(/\d+/g, 'N');
}

/** In brackets, with brackets in it. */
const QUOTED = / ?\((?:[^()]|\([^()]*\))*\)/g;

function add(counts: Record<string, number>, name: string, count: number): void {
  counts[name] = (counts[name] ?? 0) + count;
}
