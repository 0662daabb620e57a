/** The one table of options: it feeds the command line, its help, and the schema of a result's `config`. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { deliveries, flips, namesOf, resolutions } from './choices.js';
import { usage } from './errors.js';
import { nearest } from './nearest.js';
import { formatSize, GiB, MiB, parseDuration, parseSize } from './sizes.js';
import { workloads } from './workload-table.js';

/** One option. `schema` is the validator of one value; `read` turns what was typed into what it validates. */
export interface OptionSpec<S extends z.ZodType = z.ZodType, L extends boolean = boolean> {
  readonly flag: string;
  /** What stands for the value in the help; absent for a switch. */
  readonly placeholder?: string;
  readonly doc: string;
  readonly schema: S;
  readonly read: (text: string) => unknown;
  /** Whether `a,b` is swept; a value is then an array. */
  readonly list: L;
  /** Legal words, for suggestions and for `all`. */
  readonly words?: readonly string[];
  /** Undefined: it follows from other options, as `defaultDoc` says. */
  readonly fallback?: L extends true ? z.infer<S>[] : z.infer<S>;
  readonly quickFallback?: z.infer<S>;
  readonly defaultDoc: string;
}

function option<S extends z.ZodType, L extends boolean>(spec: OptionSpec<S, L>): OptionSpec<S, L> {
  return spec;
}

function choice<N extends string>(flag: string, doc: string, words: readonly [N, ...N[]], fallback?: N[]) {
  const schema = z.enum(words).describe(doc);
  const spec = { flag, placeholder: 'names', doc, schema, read: asTyped, list: true, words } as const;
  if (!fallback) return option<typeof schema, true>({ ...spec, defaultDoc: 'bank for continue, remap for copy' });
  return option<typeof schema, true>({
    ...spec,
    fallback: fallback as z.infer<typeof schema>[],
    defaultDoc: fallback.join(','),
  });
}

const asTyped = (text: string): string => text;
const asNumber = (text: string): number => (/^-?\d+(\.\d+)?(e\d+)?$/i.test(text.trim()) ? Number(text) : Number.NaN);

/** A share of one, also as a fraction: `0.125` or `1/8`. */
function asShare(text: string): number {
  const fraction = /^(\d+)\/(\d+)$/.exec(text.trim());
  return fraction ? Number(fraction[1]) / Number(fraction[2]) : asNumber(text);
}

const whole = (least: number, most: number) =>
  z
    .int(`must be a whole number from ${least} to ${most}`)
    .min(least, `must be at least ${least}`)
    .max(most, `must be at most ${most}`);

const heapLimit = 16 * GiB;
const defaultWorkers = Math.max(1, Math.floor(availableParallelism() / 2));

export const optionTable = {
  workload: choice('workload', 'what the mutators do', namesOf(workloads), ['javac']),
  scale: option({
    flag: 'scale',
    placeholder: 'share',
    doc: "share of the workload's full size, such as 1/8 or 0.125",
    schema: z.number('must be a number or a fraction').gt(0, 'must be above 0').lte(1, 'must be at most 1'),
    read: asShare,
    list: true,
    defaultDoc: "1; the workload's own with --quick",
  }),
  resolution: choice('resolution', 'how a page that is ready is published', namesOf(resolutions), ['continue', 'copy']),
  delivery: choice('delivery', 'who takes a fault on a page that is not ready', namesOf(deliveries), ['handler']),
  flip: choice('flip', 'how mutators come to the armed view', namesOf(flips)),
  heap: option({
    flag: 'heap',
    placeholder: 'sizes',
    doc: 'heap size, such as 64MiB or 4GiB; whole MiB',
    schema: z
      .int('must be a whole number of bytes')
      .multipleOf(MiB, 'must be a whole number of MiB, the size of a region')
      .min(8 * MiB, 'must be at least 8MiB')
      .max(heapLimit, `must be at most ${formatSize(heapLimit)}, what a 32-bit reference reaches`),
    read: parseSize,
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
    fallback: 3,
    quickFallback: 1,
    defaultDoc: '3; 1 with --quick',
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

/** Options whose default depends on the rest of a configuration. */
type Derived = 'scale' | 'flip' | 'heap';

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
  const all = spec.words && parts.includes('all') ? spec.words : parts;
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
