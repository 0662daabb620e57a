/**
 * Trace files, `continuum-trace/1`: one line of JSON, then records of 24 bytes, little endian, in no order:
 *
 *     f64 begin, ns since the measured period began | f32 duration, ns | u32 a | u32 b | u16 kind | u16 lane
 *
 * Kinds, and what a and b are, stand in heap/trace-records.ts; `lane` is an index of the header's lanes, of which the first are
 * the mutators by their numbers.
 */
import { closeSync, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Layout, Recorder } from '../../heap/index.js';
import { eachRecord, RECORD_BYTES, type TraceVisitor } from '../../heap/trace-records.js';
import { Complaint, codeOf, messageOf } from '../errors.js';
import { whyUnwritable } from '../results/results.js';
import { configSchema, type InvocationConfig, issueText } from '../schema/index.js';

export const traceFormat = 'continuum-trace/1';
const headerSchema = z.strictObject({
  format: z.literal(traceFormat),
  config: configSchema,
  pages: z.int().positive(),
  pagesPerRegion: z.int().positive(),
  pageBytes: z.int().positive(),
  lanes: z.array(z.strictObject({ name: z.string(), role: z.enum(['mutator', 'worker', 'server', 'collector']) })),
  events: z.int().nonnegative(),
  dropped: z.int().nonnegative(),
});
export type TraceHeader = z.infer<typeof headerSchema>;

/** Bytes read or written at once, whole records. */
const PIECE = 40_000 * RECORD_BYTES;
/** No header is as long as this: a lane takes 40 bytes. */
const MOST_HEADER = 4 << 20;

/**
 * Writes what a recorder that was stopped holds. @throws Complaint where it cannot be; then there is no file.
 */
export function writeTrace(file: string, recorder: Recorder, config: InvocationConfig, layout: Layout): void {
  const numbers = new Map<number, number>();
  const lanes: TraceHeader['lanes'] = [];
  const number = (lane: number) => {
    numbers.set(lane, lanes.length);
    lanes.push(recorder.lane(lane));
  };
  for (let mutator = 0; mutator < layout.mutators; mutator++) number(mutator);
  for (const { lane } of recorder.chunks()) if (!numbers.has(lane)) number(lane);
  const { pages, pagesPerRegion, pageBytes } = layout;
  const { timeline, pages: ofPages } = recorder.dropped;
  const header: TraceHeader = {
    ...{ format: traceFormat, config, pages, pagesPerRegion, pageBytes, lanes },
    ...{ events: recorder.events, dropped: timeline + ofPages },
  };
  try {
    const descriptor = openSync(file, 'wx');
    try {
      writeWhole(descriptor, Buffer.from(`${JSON.stringify(header)}\n`));
      for (const { lane, bytes } of recorder.chunks()) writeWhole(descriptor, renumbered(bytes, numbers.get(lane)!));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (codeOf(error, '') !== 'EEXIST') rmSync(file, { force: true });
    const code = codeOf(error, 'UNWRITABLE');
    throw new Complaint(
      code,
      `cannot write the trace ${file}: ${whyUnwritable(error)}`,
      'name another folder with --out',
    );
  }
}

function renumbered(bytes: Uint8Array, lane: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 22; at < copy.length; at += RECORD_BYTES) copy.writeUInt16LE(lane, at);
  return copy;
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(descriptor, bytes, done);
    if (written === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    done += written;
  }
}

/** A trace file that is open for reading, by pieces: it may be larger than memory. */
export class TraceFile {
  private constructor(
    readonly file: string,
    readonly header: TraceHeader,
    private readonly descriptor: number,
    private readonly start: number,
  ) {}

  /** @throws Complaint where it cannot be read, is no trace, or is not whole. */
  static open(file: string): TraceFile {
    let descriptor: number;
    try {
      descriptor = openSync(file, 'r');
    } catch (error) {
      throw new Complaint(codeOf(error, 'UNREADABLE'), `cannot read ${file}: ${messageOf(error)}`, 'name a trace file');
    }
    try {
      return TraceFile.read(file, descriptor);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
  }

  private static read(file: string, descriptor: number): TraceFile {
    const bad = (why: string) => new Complaint('BAD_TRACE', `${file}: ${why}`, 'continuum bench --trace writes one');
    const text = firstLine(descriptor);
    if (text === undefined) throw bad('no trace: it does not begin with a line of JSON');
    const header = headerSchema.safeParse(parseJson(text));
    if (!header.success) throw bad(`not a header of ${traceFormat}: ${issueText(header.error)}`);
    const start = Buffer.byteLength(text) + 1;
    const events = (fstatSync(descriptor).size - start) / RECORD_BYTES;
    if (events !== header.data.events) throw bad(`${header.data.events} records were written, ${events} are there`);
    return new TraceFile(file, header.data, descriptor, start);
  }

  /** Calls `visit` with each record. @throws Complaint for one whose lane is none. */
  each(visit: TraceVisitor): void {
    for (const visitPiece of this.pieces()) visitPiece(visit);
  }

  /** The same piece by piece, for who does something else in between: each is to be called before the next is taken. */
  *pieces(): Generator<(visit: TraceVisitor) => void> {
    const { header, descriptor, file } = this;
    const piece = Buffer.alloc(Math.min(PIECE, Math.max(1, header.events) * RECORD_BYTES));
    const end = this.start + header.events * RECORD_BYTES;
    for (let at = this.start; at < end; ) {
      const length = fill(descriptor, piece.subarray(0, end - at), at);
      if (length < RECORD_BYTES) throw new Complaint('BAD_TRACE', `${file}: it has become shorter`, 'run again');
      at += length;
      yield (visit) =>
        eachRecord(piece.subarray(0, length), (kind, lane, ...rest) => {
          if (lane >= header.lanes.length) {
            throw new Complaint('BAD_TRACE', `${file}: a record of lane ${lane}, of ${header.lanes.length}`);
          }
          visit(kind, lane, ...rest);
        });
    }
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

/** Reads as much as there is room for, or until the end; only whole records count. */
function fill(descriptor: number, into: Buffer, at: number): number {
  let done = 0;
  while (done < into.length) {
    const read = readSync(descriptor, into, done, into.length - done, at + done);
    if (read === 0) break;
    done += read;
  }
  return done - (done % RECORD_BYTES);
}

function firstLine(descriptor: number): string | undefined {
  let text = Buffer.alloc(0);
  for (let size = 4096; size <= MOST_HEADER; size *= 4) {
    text = Buffer.alloc(size);
    const length = readSync(descriptor, text, 0, size, 0);
    const end = text.subarray(0, length).indexOf(10);
    if (end >= 0) return text.toString('utf8', 0, end);
    if (length < size) return undefined;
  }
  return undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
