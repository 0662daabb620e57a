/** What an invocation's process tells its parent, over Node's IPC channel. */
import { z } from 'zod';
import { errorSchema, measurementSchema } from './index.js';

export const phases = ['setup', 'warmup', 'measure', 'check'] as const;

const progressSchema = z.object({
  type: z.literal('progress'),
  /** What it is doing; one of `phases`, or a word of its own. */
  phase: z.string(),
  /** How far that phase is, 0..1. */
  fraction: z.number().optional(),
  /** A few words more. */
  text: z.string().optional(),
});

/** Contents of files that go with a result, by their names in `result.files`. The parent writes them. */
const textsSchema = z.strictObject({ hdrSimple: z.string(), hdrMetered: z.string(), latencyCsv: z.string() });

const waitingSchema = z.object({
  type: z.literal('waiting'),
  /** Its next turn, or the end of everybody's turns. The parent answers with any message once that has come. */
  awaited: z.enum(['turn', 'end']),
});

const messageSchema = z.discriminatedUnion('type', [
  progressSchema,
  waitingSchema,
  z.object({ type: z.literal('result'), result: measurementSchema, texts: textsSchema.optional() }),
  z.object({ type: z.literal('error'), error: errorSchema }),
]);

export type FileTexts = z.infer<typeof textsSchema>;
export type Awaited = z.infer<typeof waitingSchema>['awaited'];
export type ProgressMessage = z.infer<typeof progressSchema>;
/** A message from `invocation.ts`. */
export type ChildMessage = z.infer<typeof messageSchema>;

/** A message as it came over the channel, or what is wrong with it. */
export function readMessage(value: unknown): { message: ChildMessage } | { problem: string } {
  const parsed = messageSchema.safeParse(value);
  if (parsed.success) return { message: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: `${issue.path.join('.') || 'message'}: ${issue.message}` };
}
