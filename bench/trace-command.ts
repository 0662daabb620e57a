/** `continuum trace`: what a trace file says, or the same for Perfetto. */
import { resolve } from 'node:path';
import { exitCodes, usage } from './errors.js';
import { formatCount } from './sizes.js';
import { TraceFile } from './trace/file.js';
import { exportPerfetto } from './trace/perfetto.js';
import { summarise, summaryText } from './trace/summary.js';

export interface TraceOptions {
  readonly perfetto?: string;
  readonly json?: boolean;
}

/** Prints a summary, or writes JSON of the Trace Event Format. Answers the exit code. @throws Complaint */
export async function traceCommand(file: string, { perfetto, json = false }: TraceOptions): Promise<number> {
  if (perfetto !== undefined && json)
    throw usage('--perfetto writes a file, and --json prints a summary', 'give one of them');
  if (perfetto !== undefined && resolve(perfetto) === resolve(file)) {
    throw usage(`${perfetto} is the trace itself`, 'give --perfetto another name: the trace would be overwritten');
  }
  const trace = TraceFile.open(file);
  try {
    if (perfetto !== undefined) {
      const events = exportPerfetto(trace, perfetto);
      process.stdout.write(`${perfetto}: ${formatCount(events)} events; open it at https://ui.perfetto.dev\n`);
    } else {
      const summary = summarise(trace);
      process.stdout.write(json ? `${JSON.stringify(summary)}\n` : summaryText(summary));
    }
  } finally {
    trace.close();
  }
  return exitCodes.ok;
}
