/** What a recorder adds to a result line, and the file that it is written to. */
import { basename } from 'node:path';
import type { Heap } from '../../heap/index.js';
import { Complaint } from '../errors.js';
import type { InvocationConfig, Measurement } from '../schema/index.js';
import { writeTrace } from './file.js';
import { minimumUtilisation, type Span } from './mmu.js';
import { restedNs, withoutRests } from './rests.js';
import { stormOf } from './storm.js';
import { timelineOf } from './timeline.js';

/**
 * Utilisation and storm of a period of `periodNs` from the recorder's start, of the mutators with these numbers. `rests`
 * are no part of it: nothing happened then. Nothing where the recorder was full before the period was over: what is missing would look like time that mutators had.
 */
export function traceFigures(
  { trace }: Heap,
  mutators: readonly number[],
  periodNs: number,
  rests: readonly Span[] = [],
): Pick<Measurement, 'mmu' | 'storm'> {
  if (trace === null || trace.dropped.timeline > 0) return {};
  const { stopped, flips, faults } = timelineOf(withoutRests(trace, rests), mutators);
  const storm = stormOf(flips, faults);
  return { mmu: minimumUtilisation(stopped, periodNs - restedNs(rests)), ...(storm && { storm }) };
}

/** Writes the file that was asked for. An `error` that says why it is not there, where it is not. */
export function traceFile(
  file: string | undefined,
  { trace, layout }: Heap,
  config: InvocationConfig,
): Pick<Measurement, 'files' | 'error'> {
  if (file === undefined || trace === null) return {};
  try {
    writeTrace(file, trace, config, layout);
    return { files: { trace: basename(file) } };
  } catch (error) {
    if (!(error instanceof Complaint)) throw error;
    const { code, message, hint } = error;
    return { error: { code, message, ...(hint !== undefined && { hint }) } };
  }
}
