/** The result line: one JSON object an invocation. Field docs carry the units; types are inferred from here. */
import { z } from 'zod';
import { configSchema, peerConfigSchema } from './asked.js';
import { environmentSchema } from './environment.js';
import { bytes, count, number, text } from './kinds.js';
import {
  batchSchema,
  type collectionSchema,
  measureFields,
  operationsSchema,
  type quantilesSchema,
  spreadSchema,
  stallsSchema,
} from './measured.js';

export { configSchema, peerConfigSchema } from './asked.js';
export { environmentSchema } from './environment.js';

export const schemaVersion = 'continuum/1';

export const errorSchema = z
  .strictObject({
    code: text('short name for programs, such as OUT_OF_MEMORY, DEADLINE or CHILD_DIED'),
    message: text('what went wrong, one line'),
    hint: z.string().optional().describe('what to do about it'),
  })
  .describe('why the invocation failed');

const headerFields = {
  schema: z.literal(schemaVersion).describe('version of this format'),
  invocation: count('which invocation of its configuration, from 0'),
  startedAt: z.iso.datetime().describe('when it started, UTC'),
  config: configSchema,
  environment: environmentSchema,
};

/** What an invocation sends its parent; the parent adds the header where it is left out. */
export const measurementSchema = z.strictObject({
  ...z.object(headerFields).partial().shape,
  ...measureFields,
  error: errorSchema.optional(),
});

/** A measured invocation. It carries `error` when it ran to its end and still failed, as with a wrong digest. */
export const resultSchema = z.strictObject({ ...headerFields, ...measureFields, error: errorSchema.optional() });

/** An invocation without a measurement: it stopped early, crashed, hung or never started. */
export const failureSchema = z.strictObject({ ...headerFields, error: errorSchema });

/** An invocation of somebody else's collector: what can be measured of it from outside and by its own log. */
export const peerResultSchema = z.strictObject({
  ...headerFields,
  config: peerConfigSchema,
  operations: operationsSchema,
  batchUs: batchSchema,
  pausesUs: spreadSchema('pauses of all kinds, by its own log, µs'),
  stalls: stallsSchema.omit({ paced: true }).optional(),
  compactionMBps: number('live bytes over the time of full collections, MB/s').optional(),
  peakPssBytes: bytes('highest proportional set size of the process'),
  cpuMs: z.strictObject({ total: number('all threads while measuring, ms') }),
  checked: count('objects or entries compared at the end, all right'),
  error: errorSchema.optional(),
});
export const peerFailureSchema = z.strictObject({ ...headerFields, config: peerConfigSchema, error: errorSchema });

/** A line of a results file. */
export const lineSchema = z.union([resultSchema, failureSchema, peerResultSchema, peerFailureSchema]);

export type InvocationConfig = z.infer<typeof configSchema>;
export type PeerConfig = z.infer<typeof peerConfigSchema>;
export type PeerResult = z.infer<typeof peerResultSchema>;
export type PeerFailure = z.infer<typeof peerFailureSchema>;
export type PeerLine = PeerResult | PeerFailure;
export type Quantiles = z.infer<ReturnType<typeof quantilesSchema>>;
/** What a sweep runs: ours, or somebody else's. */
export type SweepConfig = InvocationConfig | PeerConfig;
export type Environment = z.infer<typeof environmentSchema>;
export type Collection = z.infer<typeof collectionSchema>;
export type InvocationError = z.infer<typeof errorSchema>;
export type Measurement = z.infer<typeof measurementSchema>;
export type Result = z.infer<typeof resultSchema>;
export type Failure = z.infer<typeof failureSchema>;
/** A line of ours. */
export type OwnLine = Result | Failure;
export type ResultLine = z.infer<typeof lineSchema>;

/** Faults of all kinds, however they were delivered. */
export function faultsTaken({ missing, minor, signal = 0 }: Result['faults']): number {
  return missing + minor + signal;
}

/** Whether a line holds a measurement of ours. */
export function isResult(line: ResultLine): line is Result {
  return 'operations' in line && !isPeerLine(line);
}

/** Whether a line is of ours, measured or not. */
export function isOwnLine(line: ResultLine): line is OwnLine {
  return !isPeerLine(line);
}

export function isPeerLine(line: ResultLine): line is PeerLine {
  return isPeerConfig(line.config);
}

export function isPeerConfig(config: SweepConfig): config is PeerConfig {
  return 'peer' in config;
}

/** The first thing wrong with a line, as `path: what`. A union's own message says nothing of use. */
export function firstIssue(value: unknown): string | undefined {
  const looksLike = (field: string, of: unknown) => typeof of === 'object' && of !== null && field in of;
  const ofPeer = looksLike('config', value) && looksLike('peer', (value as { config: unknown }).config);
  const [measured, failed] = ofPeer ? [peerResultSchema, peerFailureSchema] : [resultSchema, failureSchema];
  const checked = (looksLike('operations', value) ? measured : failed).safeParse(value);
  return checked.success ? undefined : issueText(checked.error);
}

export function issueText(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue.path.length ? `${issue.path.join('.')}: ` : '';
  return `${path}${issue.message}`;
}
