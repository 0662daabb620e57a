/**
 * The smallest heap of each workload, found by `continuum minheap` and kept in one JSON file. There is one a workload,
 * scale, number of mutators and setting of the workload's own, that of one collector: then every way gets the same heap, as DaCapo and the
 * evaluations of LXR and ZGC have it, and a way that needs more shows it by failing.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { Complaint, codeOf, messageOf, usage } from '../errors.js';
import { makeFolders, writeWhole } from '../files.js';
import { type Multiple, optionTable } from '../options/options.js';
import { type OwnSettingName, ownSettingNames } from '../options/setting-names.js';
import { configSchema, issueText } from '../schema/index.js';
import { MiB } from '../sizes.js';
import { shareText } from './describe.js';

const format = 'continuum-minheap/1';

/** The smallest heap in which all invocations came to their end, and how it was found. */
const minimumSchema = configSchema
  .pick({
    ...{ workload: true, scale: true, mutators: true, graph: true, references: true, heapBytes: true },
    ...{ resolution: true, delivery: true, flip: true, gcWorkers: true, seconds: true, seed: true },
  })
  .extend({
    /** Invocations that came to their end in it. */
    invocations: z.int().positive(),
    foundAt: z.iso.datetime(),
    commit: z.string().nullable(),
  });

const fileSchema = z.strictObject({ format: z.literal(format), minima: z.array(minimumSchema) });

export type Minimum = z.infer<typeof minimumSchema>;
export type MinimumKey = Pick<Minimum, 'workload' | 'scale' | 'mutators' | OwnSettingName>;

/** What of a configuration its smallest heap depends on. */
export function keyOf(config: MinimumKey): MinimumKey {
  const own = ownSettingNames.filter((name) => config[name] !== undefined).map((name) => [name, config[name]]);
  const { workload, scale, mutators } = config;
  return { workload, scale, mutators, ...Object.fromEntries(own) };
}

export function minimumHeapsFile(folder: string): string {
  return join(folder, 'minheap.json');
}

/** Where to look for them: with the results, or else where results usually are. */
export function minimumHeapsToRead(folder: string): string {
  const [own, usual] = [folder, optionTable.out.fallback ?? folder].map(minimumHeapsFile);
  return existsSync(own) || !existsSync(usual) ? own : usual;
}

/**
 * All that were found; none without the file.
 * @throws Complaint for a file that is not one.
 */
export function readMinima(file: string): Minimum[] {
  if (!existsSync(file)) return [];
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Complaint(codeOf(error, 'BAD_MINHEAP'), `cannot read ${file}: ${messageOf(error)}`, again);
  }
  const parsed = fileSchema.safeParse(value);
  if (!parsed.success) throw new Complaint('BAD_MINHEAP', `${file}: ${issueText(parsed.error)}`, again);
  return parsed.data.minima;
}

const again = 'remove it and run continuum minheap again';

/**
 * Keeps a minimum in place of an older one of the same work.
 * @throws Complaint when it cannot be written.
 */
export function keepMinimum(file: string, minimum: Minimum): void {
  const others = readMinima(file).filter((one) => !isFor(one, minimum));
  try {
    makeFolders(dirname(resolve(file)));
    writeWhole(file, `${JSON.stringify({ format, minima: [...others, minimum] }, undefined, 2)}\n`);
  } catch (error) {
    const why = messageOf(error);
    throw new Complaint(codeOf(error, 'UNWRITABLE'), `cannot write ${file}: ${why}`, 'name another folder with --out');
  }
}

function isFor(one: MinimumKey, other: MinimumKey): boolean {
  return JSON.stringify(keyOf(one)) === JSON.stringify(keyOf(other));
}

export class MinimumHeaps {
  constructor(
    readonly file: string,
    private readonly minima: readonly Minimum[] = readMinima(file),
  ) {}

  /** Bytes; undefined where it was never looked for. */
  of(key: MinimumKey): number | undefined {
    return this.minima.find((one) => isFor(one, key))?.heapBytes;
  }

  /**
   * Heap bytes of a multiple, in whole huge pages.
   * @throws Complaint saying how to find the minimum where it is not known.
   */
  times(multiple: Multiple, key: MinimumKey): number {
    const least = this.of(key);
    if (least !== undefined) return Math.ceil((timesOf(multiple) * least) / (2 * MiB)) * 2 * MiB;
    const { workload, scale, mutators } = key;
    const scaled = scale === 1 ? '' : ` --scale ${shareText(scale)}`;
    const threads = mutators === 1 ? '' : ` --mutators ${mutators}`;
    const own = ownSettingNames.map((name) => (key[name] === undefined ? '' : ` --${name} ${key[name]}`)).join('');
    const work = `${workload}${scaled}${threads}${own}`;
    throw usage(
      `--heap ${multiple} needs the smallest heap of ${work}, and ${this.file} does not have it`,
      `find it first: continuum minheap --workload ${work}, or give --heap in MiB`,
    );
  }
}

export function timesOf(multiple: Multiple): number {
  return Number(multiple.slice(0, -1));
}
