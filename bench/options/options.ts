/** The one table of options: it feeds the command line, its help, and the schema of a result's `config`. */
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { z } from 'zod';
import { mostHeapBytes } from '../../heap/layout.js';
import { usage } from '../errors.js';
import { formatSize, MiB, parseDuration, parseSize } from '../sizes.js';
import { leastPairs } from '../statistics/paired.js';
import { workloads } from '../workloads/table.js';
import { deliveries, flips, namesOf, resolutions } from './choices.js';
import { asNumber, asShare, asTyped, choice, counted, type OptionSpec, option, whole } from './kinds.js';
import { nearest } from './nearest.js';
import type { SettingName } from './setting-names.js';

const heapLimit = mostHeapBytes();
const defaultWorkers = Math.max(1, Math.floor(availableParallelism() / 2));

/** A multiple of the smallest heap of a workload. */
export type Multiple = `${number}x`;

export const heapBytesSchema = z
  .int('must be a whole number of bytes')
  .multipleOf(MiB, 'must be a whole number of MiB, the size of a region')
  .min(8 * MiB, 'must be at least 8MiB')
  .max(heapLimit, `must be at most ${formatSize(heapLimit)}, what a 32-bit reference reaches`);
const timesSchema = z
  .number('must be a multiple such as 1.3x')
  .min(1, 'must be at least 1x, the smallest heap there is')
  .max(100, 'must be at most 100x');

/** Bytes or a multiple. A union would have one complaint for everything. */
const heapSchema = z.custom<number | Multiple>().superRefine((heap, context) => {
  const checked =
    typeof heap === 'string' ? timesSchema.safeParse(Number.parseFloat(heap)) : heapBytesSchema.safeParse(heap);
  if (!checked.success) context.addIssue(checked.error.issues[0].message);
});

function readHeap(text: string): number | Multiple {
  const times = /^(\d+(?:\.\d+)?)x$/.exec(text.trim());
  return times ? `${Number(times[1])}x` : parseSize(text);
}

export const optionTable = {
  workload: choice('workload', {
    doc: 'what the mutators do',
    words: namesOf(workloads),
    defaultDoc: 'javac,churn; javac with --heap',
  }),
  scale: option({
    flag: 'scale',
    placeholder: 'share',
    doc: "share of the workload's full size, such as 1/8 or 0.125; above 1, copies of the graph that javac and graph have",
    schema: z.number('must be a number or a fraction').gt(0, 'must be above 0').lte(64, 'must be at most 64'),
    read: asShare,
    list: true,
    defaultDoc: "1; the workload's own with --quick",
  }),
  graph: option({
    flag: 'graph',
    placeholder: 'file',
    doc: 'graph file that workload graph rebuilds in the heap; see continuum graph import',
    schema: z.string().min(1, 'must name a file'),
    read: (text) => resolve(text),
    list: false,
    defaultDoc: "javac's",
  }),
  references: counted(
    'references',
    'references a page of workload pages; results are a row each',
    whole(0, 1000),
    '0,1,16,128,1000',
  ),
  resolution: choice('resolution', {
    doc: 'how a page that is ready is published',
    words: namesOf(resolutions),
    fallback: ['continue', 'copy'],
  }),
  delivery: choice('delivery', {
    doc: 'who takes a fault on a page that is not ready (stw has none, whatever is said)',
    words: namesOf(deliveries),
    all: ['handler', 'signal'],
    defaultDoc: 'handler; signal for protect',
  }),
  flip: choice('flip', {
    doc: 'how mutators come to the armed view (stw has none, whatever is said)',
    words: namesOf(flips),
    all: ['bank', 'remap'],
    defaultDoc: 'bank for continue and protect, remap for copy and move',
  }),
  heap: option({
    flag: 'heap',
    placeholder: 'sizes',
    doc: 'heap size, such as 64MiB or 4GiB, whole MiB; or a multiple of the smallest, such as 1.3x (see minheap)',
    schema: heapSchema,
    read: readHeap,
    list: true,
    defaultDoc: "the workload's own, about twice what is live",
  }),
  gcWorkers: option({
    flag: 'gc-workers',
    placeholder: 'counts',
    doc: 'collector threads',
    schema: whole(1, 64),
    read: asNumber,
    list: true,
    fallback: [defaultWorkers],
    defaultDoc: `${defaultWorkers}, half the cores`,
  }),
  mutators: option({
    flag: 'mutators',
    placeholder: 'counts',
    doc: 'mutator threads',
    schema: whole(1, 64),
    read: asNumber,
    list: true,
    fallback: [1],
    defaultDoc: '1',
  }),
  batch: counted('batch', 'pages published by one call at most', whole(1, 1024), "the resolution's own"),
  publish: choice('publish', {
    doc: 'whether workers publish every page, or for a while only what mutators touch is published',
    words: ['eager', 'lazy'],
    defaultDoc: 'eager',
  }),
  walk: choice('walk', {
    doc: 'which regions workers make ready first, by address or those where mutators fault',
    words: ['address', 'faults'],
    defaultDoc: 'address',
  }),
  evacuate: choice('evacuate', {
    doc: 'which regions are evacuated, the emptiest, all that fit, or none, so that nothing moves',
    words: ['sparse', 'full', 'none'],
    defaultDoc: 'sparse',
  }),
  ahead: choice('ahead', {
    doc: 'whether pages that need nothing are mapped before the flip, where mutators come to pages, or in any case',
    words: ['auto', 'always', 'never'],
    defaultDoc: 'auto',
  }),
  residentFree: option({
    flag: 'resident-free',
    placeholder: 'counts',
    doc: 'free regions that keep their memory; the rest goes back to the kernel',
    schema: z.union([z.literal('all'), whole(0, 16384)], "must be a whole number of regions, or 'all'"),
    read: (text) => (text === 'all' ? text : asNumber(text)),
    list: true,
    defaultDoc: 'all',
  }),
  faultServers: counted(
    'fault-servers',
    'threads that serve faults, with delivery handler',
    whole(1, 4),
    'one a userfaultfd',
  ),
  userfaultfds: counted('userfaultfds', 'descriptors that share the heap, with flip bank', whole(1, 4), '1'),
  barrier: choice('barrier', {
    doc: "how marking learns of stores, by the mutators' log or the kernel's dirty pages",
    words: ['software', 'kernel'],
    defaultDoc: 'software',
  }),
  pages: choice('pages', { doc: "size of the heap's pages", words: ['4K', '2M'], defaultDoc: '4K' }),
  poison: option({
    flag: 'poison',
    doc: 'poison evacuated pages, so that a stale reference is caught',
    schema: z.boolean(),
    read: () => true,
    list: false,
    defaultDoc: 'off',
  }),
  seconds: option({
    flag: 'seconds',
    placeholder: 'time',
    doc: 'measured time of an invocation after its warm-up, in seconds, or like 500ms or 2min',
    schema: z.number('must be a number').gt(0, 'must be above 0').max(86_400, 'must be at most a day'),
    read: (text) => parseDuration(text) / 1000,
    list: false,
    fallback: 15,
    quickFallback: 2,
    defaultDoc: '15; 2 with --quick',
  }),
  invocations: option({
    flag: 'invocations',
    placeholder: 'count',
    doc: 'processes a configuration, interleaved; figures are medians over them',
    schema: whole(1, 1000),
    read: asNumber,
    list: false,
    fallback: leastPairs,
    quickFallback: 1,
    defaultDoc: `${leastPairs}; 1 with --quick`,
  }),
  operations: option({
    flag: 'operations',
    placeholder: 'count',
    doc: 'operations of an invocation, all mutators together, in place of a time: the same work each time',
    schema: whole(1, 2 ** 40),
    read: asNumber,
    list: false,
    defaultDoc: 'as many as fit into --seconds',
  }),
  rate: option({
    flag: 'rate',
    placeholder: 'number',
    doc: 'operations a second offered, all mutators together, whether or not they keep up; latency is measured',
    schema: z.number('must be a number').gt(0, 'must be above 0').max(1e9, 'must be at most 1e9'),
    read: asNumber,
    list: false,
    defaultDoc: 'as many as the mutators can do',
  }),
  turns: option({
    flag: 'turns',
    placeholder: 'time',
    doc: 'measure the ways of a round side by side, in turns of so long: what others do to the machine hits all alike',
    schema: z.number('must be a number').gt(0, 'must be above 0').max(60, 'must be at most a minute'),
    read: (text) => parseDuration(text) / 1000,
    list: false,
    defaultDoc: 'one after the other',
  }),
  trace: option({
    flag: 'trace',
    doc: 'record what happens to each page, for the replay in the report and for Perfetto',
    schema: z.boolean(),
    read: () => true,
    list: false,
    defaultDoc: 'off',
  }),
  peer: option({
    flag: 'peer',
    placeholder: 'names',
    doc: 'collectors of others, run beside ours on the workloads that they have',
    schema: z.enum(['serial', 'parallel', 'g1', 'zgc', 'shenandoah', 'v8']),
    read: asTyped,
    list: true,
    words: ['serial', 'parallel', 'g1', 'zgc', 'shenandoah', 'v8'],
    defaultDoc: 'none',
  }),
  resume: option({
    flag: 'resume',
    placeholder: 'folder',
    doc: 'folder of an unfinished sweep: what is missing there is run, and nothing else',
    schema: z.string().min(1, 'must name a folder'),
    read: asTyped,
    list: false,
    defaultDoc: 'none',
  }),
  dryRun: option({
    flag: 'dry-run',
    doc: 'print what would be run, in its order, and about how long it takes',
    schema: z.boolean(),
    read: () => true,
    list: false,
    fallback: false,
    defaultDoc: 'off',
  }),
  seed: option({
    flag: 'seed',
    placeholder: 'number',
    doc: 'seed of all random choices; the same seed gives the same graph',
    schema: whole(0, 2 ** 32 - 1),
    read: asNumber,
    list: false,
    fallback: 1,
    defaultDoc: '1',
  }),
  out: option({
    flag: 'out',
    placeholder: 'folder',
    doc: 'folder that gets one file of result lines',
    schema: z.string().min(1, 'must name a folder'),
    read: asTyped,
    list: false,
    fallback: 'results',
    defaultDoc: 'results',
  }),
  quick: option({
    flag: 'quick',
    doc: 'a smoke run: small, one invocation, a few seconds each',
    schema: z.boolean(),
    read: () => true,
    list: false,
    fallback: false,
    defaultDoc: 'off',
  }),
  json: option({
    flag: 'json',
    doc: 'print the result lines as JSON, and nothing else, on standard output',
    schema: z.boolean(),
    read: () => true,
    list: false,
    fallback: false,
    defaultDoc: 'off',
  }),
} as const;

type Table = typeof optionTable;
export type OptionName = keyof Table;
type ValueOf<K extends OptionName> =
  Table[K] extends OptionSpec<infer S, infer L> ? (L extends true ? z.infer<S>[] : z.infer<S>) : never;

/** Options whose default depends on the rest of a configuration, or is the collector's. */
type Derived =
  | 'workload'
  | 'scale'
  | 'delivery'
  | 'flip'
  | 'heap'
  | 'operations'
  | 'rate'
  | 'turns'
  | 'trace'
  | 'peer'
  | 'resume'
  | SettingName;

/** What a command gets: every option, read, validated and defaulted. */
export type Options = { [K in Exclude<OptionName, Derived>]: ValueOf<K> } & { [K in Derived]?: ValueOf<K> };

/** What was typed: each option's texts in order (`--heap 64MiB --heap 1GiB` are two), or true for a switch. */
export type TypedOptions = { readonly [K in OptionName]?: readonly string[] | boolean };

export function specOf(name: OptionName): OptionSpec {
  return optionTable[name] as OptionSpec;
}

/**
 * Reads, validates and defaults what was typed.
 * @throws Complaint naming the first bad option, its value and, where there is one, the nearest legal value.
 */
export function readOptions(typed: TypedOptions): Options {
  const quick = typed.quick !== undefined && typed.quick !== false;
  const values: Partial<Record<OptionName, unknown>> = {};
  for (const name of namesOf(optionTable)) {
    const value = readOption(name, typed[name], quick);
    if (value !== undefined) values[name] = value;
  }
  return values as Options;
}

function readOption(name: OptionName, texts: readonly string[] | boolean | undefined, quick: boolean): unknown {
  const spec = specOf(name);
  if (texts === undefined) return quick && spec.quickFallback !== undefined ? spec.quickFallback : spec.fallback;
  if (typeof texts === 'boolean') return texts;
  if (!spec.list) {
    if (texts.length > 1) throw usage(`--${spec.flag} is given ${texts.length} times`, 'give it once');
    return readValue(spec, texts[0]);
  }
  const parts = texts.flatMap((text) => text.split(',')).map((part) => part.trim());
  const all = spec.words && parts.includes('all') ? (spec.all ?? spec.words) : parts;
  return [...new Set(all.map((part) => readValue(spec, part)))];
}

/** One value of one option. Every complaint names the option, so that a line is enough to find it. */
function readValue(spec: OptionSpec, text: string): unknown {
  const name = `--${spec.flag}`;
  if (text === '') throw usage(`${name} has an empty value`, `give it ${spec.placeholder ?? 'a value'}: ${spec.doc}`);
  if (spec.words && !spec.words.includes(text)) {
    const near = nearest(text, spec.words);
    const hint = near ? `did you mean ${near}?` : `choose from ${spec.words.join(', ')}`;
    throw usage(`${name} cannot be '${text}'`, hint);
  }
  const checked = spec.schema.safeParse(readText(spec, text));
  if (!checked.success) throw usage(`${name} cannot be '${text}'`, `it ${checked.error.issues[0].message}`);
  return checked.data;
}

function readText(spec: OptionSpec, text: string): unknown {
  try {
    return spec.read(text);
  } catch (error) {
    if (error instanceof Error) error.message = `--${spec.flag}: ${error.message}`;
    throw error;
  }
}
