/** `continuum trace`: what a trace file says, or the same for Perfetto. */
import { resolve } from 'node:path';
import { exitCodes, usage } from '../errors.js';
import { formatCount } from '../sizes.js';
import { Progress } from '../sweep/progress.js';
import { TraceFile } from '../trace/file.js';
import { type ExportOptions, exportPerfetto } from '../trace/perfetto.js';
import { summarise, summaryText } from '../trace/summary.js';

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
      const events = await watched(`export ${file}`, (options) => exportPerfetto(trace, perfetto, options));
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

/** With progress, and Ctrl-C heard of. */
async function watched<T>(what: string, work: (options: ExportOptions) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  const progress = new Progress();
  progress.begin(0, 1, what);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stop);
  try {
    return await work({ signal: controller.signal, progress: (share) => progress.update('write', share) });
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.removeListener(name, stop);
    progress.clear();
  }
}
