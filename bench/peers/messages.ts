/** What a peer's process prints: a JSON object a line on standard output; what else is there is only kept for errors. */
import { z } from 'zod';
import { issueText } from '../schema/index.js';

const quantity = z.number().nonnegative();

const resultSchema = z.object({
  type: z.literal('result'),
  operations: z.object({ count: quantity, perSecond: quantity }),
  /** µs. */
  batchUs: z.object({ count: quantity, p50: quantity, p99: quantity, p999: quantity, max: quantity }),
  /** Of the measured period, on the clock of the runtime's log. */
  periodNs: z.tuple([z.number(), z.number()]),
  cpuMs: quantity,
  checked: quantity,
  /** Of what was done: the same for the same seed and operations. */
  checksum: z.int(),
  /** Live at the end, counted in our objects' sizes. */
  liveBytes: quantity,
  /** What an entry of churn and fullgc takes here; ours takes 64. */
  entryBytes: quantity.optional(),
  /** What was wrong at the end. */
  problem: z.string().optional(),
  /** What a runtime without a log says itself: each pause, µs, and each full collection, ms. */
  pausesUs: z.array(quantity).optional(),
  fullMs: z.array(quantity).optional(),
});

const messageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), phase: z.string(), fraction: z.number() }),
  resultSchema,
  z.object({ type: z.literal('error'), message: z.string() }),
]);

/** What a peer measured of itself. */
export type PeerReport = Omit<z.infer<typeof resultSchema>, 'type'>;
export type PeerMessage = z.infer<typeof messageSchema>;

/**
 * A line that is a message; undefined for any other line, and for a message that a dying runtime's last words were
 * printed into.
 */
export function readPeerLine(row: string): PeerMessage | { readonly problem: string } | undefined {
  if (!row.startsWith('{"type":')) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch {
    return undefined;
  }
  const read = messageSchema.safeParse(value);
  return read.success ? read.data : { problem: issueText(read.error) };
}
