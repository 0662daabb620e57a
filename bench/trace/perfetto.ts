/**
 * A trace as JSON of the Trace Event Format, which ui.perfetto.dev and chrome://tracing open: a thread a lane, complete
 * events (`X`) for what took time, and counters (`C`) of faults in each millisecond. Times there are in µs.
 *
 * Written by pieces, because a trace has millions of records. Events need not be in order.
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { Forwarded, TraceKind, type TraceVisitor } from '../../heap/trace-records.js';
import { Complaint, codeOf, exitCodes } from '../errors.js';
import { whyUnwritable } from '../results/results.js';
import type { TraceFile } from './file.js';

const PROCESS = 1;
/** Characters kept before they are written. */
const PIECE = 1 << 20;

const forwarded = Object.fromEntries(
  Object.entries(Forwarded).map(([name, value]) => [value, name.toLowerCase().replaceAll('_', ' ')]),
);

/** Name, category, and arguments of each kind of record; LEFT says nothing that FAULT does not show. */
const shown: Readonly<Record<number, readonly [string, string, (a: number, b: number) => object]>> = {
  [TraceKind.CYCLE]: ['collection', 'gc', (cycle) => ({ cycle })],
  [TraceKind.MARK]: ['mark', 'gc', (cycle) => ({ cycle })],
  [TraceKind.REMARK]: ['remark (pause)', 'gc,pause', (cycle) => ({ cycle })],
  [TraceKind.PLAN]: ['plan', 'gc', (cycle) => ({ cycle })],
  [TraceKind.AHEAD]: ['map ahead', 'gc', (cycle) => ({ cycle })],
  [TraceKind.FLIP]: ['flip (pause)', 'gc,pause', (cycle) => ({ cycle })],
  [TraceKind.COMPACT]: ['compact', 'gc', (cycle) => ({ cycle })],
  [TraceKind.RECLAIM]: ['reclaim', 'gc', (cycle) => ({ cycle })],
  [TraceKind.STOP]: ['stop the world (pause)', 'gc,pause', (cycle) => ({ cycle })],
  [TraceKind.STALL]: ['allocation stall', 'mutator', () => ({})],
  [TraceKind.PACE]: ['paced', 'mutator', () => ({})],
  [TraceKind.STOOD]: ['at a safepoint', 'mutator', () => ({})],
  [TraceKind.FAULT]: ['fault', 'fault', (page, mutator) => ({ page, mutator })],
  [TraceKind.FORWARD]: ['forward', 'page', (page, how) => ({ page, how: forwarded[how] ?? how })],
  [TraceKind.PUBLISH]: ['publish', 'page', (page, pages) => ({ page, pages })],
  [TraceKind.PUBLISH_AHEAD]: ['publish ahead', 'page', (page, pages) => ({ page, pages })],
};

export interface ExportOptions {
  /** Called now and then with the share that is done. */
  readonly progress?: (share: number) => void;
  /** Ends it: nothing is left. */
  readonly signal?: AbortSignal;
}

/**
 * Writes the JSON, which appears whole or not at all. Returns the number of events.
 * @throws Complaint where it cannot be written, or was interrupted.
 */
export async function exportPerfetto(trace: TraceFile, output: string, options: ExportOptions = {}): Promise<number> {
  const unfinished = `${output}.part`;
  try {
    const out = new Events(openSync(unfinished, 'w'));
    try {
      await writeEvents(trace, out, options);
      out.end(trace);
    } finally {
      out.close();
    }
    renameSync(unfinished, output);
    return out.count;
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (error instanceof Complaint) throw error;
    const code = codeOf(error, 'UNWRITABLE');
    throw new Complaint(code, `cannot write ${output}: ${whyUnwritable(error)}`, 'name another file with --perfetto');
  }
}

async function writeEvents(trace: TraceFile, out: Events, { progress, signal }: ExportOptions): Promise<void> {
  const { config, lanes, events } = trace.header;
  const meta = (name: string, tid: number, args: object) => out.add({ name, ph: 'M', ts: 0, pid: PROCESS, tid, args });
  meta('process_name', 0, {
    name: `continuum ${config.workload} ${config.resolution} ${config.delivery} ${config.flip}`,
  });
  for (const [lane, { name }] of lanes.entries()) {
    meta('thread_name', lane + 1, { name });
    meta('thread_sort_index', lane + 1, { sort_index: lane });
  }
  const faults = new Map<number, number>();
  let done = 0;
  const visit: TraceVisitor = (kind, lane, begin, duration, a, b) => {
    done++;
    if (kind === TraceKind.FAULT) {
      const ms = Math.floor(begin / 1e6);
      faults.set(ms, (faults.get(ms) ?? 0) + 1);
    }
    const how = shown[kind];
    if (how === undefined) return;
    const [name, cat, args] = how;
    const times = { ts: begin / 1000, dur: Math.round(duration) / 1000 };
    out.add({ name, cat, ph: 'X', ...times, pid: PROCESS, tid: lane + 1, args: args(a, b) });
  };
  for (const visitPiece of trace.pieces()) {
    visitPiece(visit);
    progress?.(done / events);
    await new Promise((next) => setImmediate(next)); // a signal is heard of here
    if (signal?.aborted)
      throw new Complaint('INTERRUPTED', 'interrupted; nothing was written', undefined, exitCodes.interrupted);
  }
  const count = (ms: number, value: number) =>
    out.add({ name: 'faults per ms', ph: 'C', ts: ms * 1000, pid: PROCESS, tid: 0, args: { faults: value } });
  for (const [ms, value] of faults) {
    count(ms, value);
    if (!faults.has(ms + 1)) count(ms + 1, 0); // a counter keeps its value until the next one
  }
}

class Events {
  count = 0;
  private text = '{"traceEvents":[\n';

  constructor(private readonly descriptor: number) {}

  add(event: object): void {
    this.text += `${this.count++ === 0 ? '' : ',\n'}${JSON.stringify(event)}`;
    if (this.text.length >= PIECE) this.flush();
  }

  end({ header }: TraceFile): void {
    const { format, config, dropped } = header;
    this.text += `\n],"displayTimeUnit":"ns","otherData":${JSON.stringify({ format, config, dropped })}}\n`;
    this.flush();
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private flush(): void {
    const bytes = Buffer.from(this.text);
    for (let done = 0; done < bytes.length; ) done += writeSync(this.descriptor, bytes, done);
    this.text = '';
  }
}
