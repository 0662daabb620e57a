/**
 * JSON of the Trace Event Format, as its definition has it (docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU):
 * the object format, with the kinds of events that are used here: metadata, complete, counter.
 */
import { z } from 'zod';

/** µs, fractions allowed. */
const microseconds = z.number().nonnegative();
const common = { name: z.string().min(1), pid: z.int(), tid: z.int(), ts: microseconds };

/** `M`: names and places of processes and threads. */
const metadata = z.union([
  z.strictObject({
    ...common,
    ph: z.literal('M'),
    name: z.enum(['process_name', 'thread_name', 'process_labels']),
    args: z.strictObject({ name: z.string().optional(), labels: z.string().optional() }),
  }),
  z.strictObject({
    ...common,
    ph: z.literal('M'),
    name: z.enum(['process_sort_index', 'thread_sort_index']),
    args: z.strictObject({ sort_index: z.int() }),
  }),
]);

/** `X`: what lasted; of a thread they must nest. */
const complete = z.strictObject({
  ...common,
  ph: z.literal('X'),
  /** Categories, separated by commas. */
  cat: z.string().regex(/^[\w.-]+(,[\w.-]+)*$/),
  dur: microseconds,
  args: z.record(z.string(), z.unknown()),
});

/** `C`: each argument is a series of the counter. */
const counter = z.strictObject({
  ...common,
  ph: z.literal('C'),
  args: z.record(z.string(), z.number()).refine((args) => Object.keys(args).length > 0, 'a counter needs a series'),
});

export const traceEventSchema = z.union([metadata, complete, counter]);
export const traceEventFileSchema = z.strictObject({
  traceEvents: z.array(traceEventSchema),
  displayTimeUnit: z.enum(['ms', 'ns']).optional(),
  otherData: z.record(z.string(), z.unknown()).optional(),
});
export type TraceEvent = z.infer<typeof traceEventSchema>;
