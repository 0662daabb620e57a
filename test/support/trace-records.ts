/** Made-up records, as a recorder would have them. */
import { RECORD_BYTES, type TraceVisitor } from '../../heap/trace-records.js';

/** Times in ms. */
export type MadeUp = readonly [kind: number, lane: number, beginMs: number, ms: number, a: number, b?: number];

export function recordsOf(records: readonly MadeUp[]): { each(visit: TraceVisitor): void } {
  return {
    each: (visit) => {
      for (const [kind, lane, begin, ms, a, b = 0] of records) visit(kind, lane, begin * 1e6, ms * 1e6, a, b);
    },
  };
}

/** The same as bytes of a trace file. */
export function bytesOf(records: readonly MadeUp[]): Buffer {
  const bytes = Buffer.alloc(records.length * RECORD_BYTES);
  for (const [i, [kind, lane, begin, ms, a, b = 0]] of records.entries()) {
    const at = i * RECORD_BYTES;
    bytes.writeDoubleLE(begin * 1e6, at);
    bytes.writeFloatLE(ms * 1e6, at + 8);
    bytes.writeUInt32LE(a, at + 12);
    bytes.writeUInt32LE(b, at + 16);
    bytes.writeUInt16LE(kind, at + 20);
    bytes.writeUInt16LE(lane, at + 22);
  }
  return bytes;
}
