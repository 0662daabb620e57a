/**
 * A sweep on disk, beside its result lines: `X.sweep.json` says what `X.jsonl` is to hold, and in which order. It is
 * written whole before the first invocation, so that whatever ends the sweep, `--resume` knows what is missing.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Complaint, codeOf, messageOf } from '../errors.js';
import { writeWhole } from '../files.js';
import { configSchema, type Environment, environmentSchema, issueText, peerConfigSchema } from '../schema/index.js';
import { type Point, pointKey } from './points.js';

const format = 'continuum-sweep/1';
const lineSuffix = '.jsonl';
const sweepSuffix = '.sweep.json';

/** What has to be the same for the lines of a sweep to belong together. */
const placeFields = { kernel: true, cpu: true, cores: true, node: true, commit: true, continuum: true } as const;

const sweepSchema = z.strictObject({
  format: z.literal(format),
  startedAt: z.iso.datetime(),
  seed: z.int(),
  place: environmentSchema.pick(placeFields),
  /** Combinations that cannot run, each with why. */
  leftOut: z.array(z.string()),
  configs: z.array(z.union([configSchema, peerConfigSchema])),
  /** The points in their order: index of the configuration, invocation. */
  order: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])),
});

type SweepJson = z.infer<typeof sweepSchema>;
export type Place = SweepJson['place'];

export interface StoredSweep extends Pick<SweepJson, 'startedAt' | 'seed' | 'place' | 'leftOut'> {
  readonly points: readonly Point[];
}

/** The file of a sweep whose lines are in `results`. */
export function sweepFileOf(results: string): string {
  return results.replace(/\.jsonl$/, sweepSuffix);
}

export function placeOf({ kernel, cpu, cores, node, commit, continuum }: Environment): Place {
  return { kernel, cpu, cores, node, commit, continuum };
}

/** @throws what the file system does. */
export function writeSweep(file: string, { points, ...rest }: StoredSweep): void {
  const configs = [...new Set(points.map(({ config }) => config))];
  const at = new Map(configs.map((config, index) => [config, index]));
  const order = points.map(({ config, invocation }): [number, number] => [at.get(config) ?? 0, invocation]);
  const json: SweepJson = { format, ...rest, configs, order };
  writeWhole(file, `${JSON.stringify(json)}\n`);
}

/** @throws Complaint naming the file and what is wrong with it. */
export function readSweep(file: string): StoredSweep {
  const { configs, order, startedAt, seed, place, leftOut } = parseSweep(file);
  const points = order.map(([index, invocation]) => ({ config: configs[index], invocation }));
  const bad = points.some(({ config }) => config === undefined);
  if (bad || new Set(points.map(pointKey)).size < points.length) {
    throw new Complaint('BAD_SWEEP', `${file}: the order is not one of its configurations`, edited);
  }
  return { startedAt, seed, place, leftOut, points };
}

const edited = 'it was written by another version, or edited; run the sweep anew';

function parseSweep(file: string): SweepJson {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const hint = 'name a folder of results, or the .sweep.json of one sweep';
    throw new Complaint(codeOf(error, 'BAD_SWEEP'), `cannot read the sweep ${file}: ${messageOf(error)}`, hint);
  }
  const parsed = sweepSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Complaint('BAD_SWEEP', `${file}: ${issueText(parsed.error)}`, edited);
}

/**
 * The results files that `--resume` can mean: one that is named, by its lines or its sweep, or those of a folder.
 * @throws Complaint where there is no sweep.
 */
export function resultsToResume(path: string): string[] {
  if (!existsSync(path)) throw new Complaint('NO_SWEEP', `there is no ${path}`, 'name the folder of a sweep');
  const found = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => name.endsWith(sweepSuffix))
        .map((name) => join(path, name))
        .sort()
    : [path];
  const results = found.map((file) => (file.endsWith(sweepSuffix) ? file.slice(0, -sweepSuffix.length) : file));
  const named = results.map((file) => (file.endsWith(lineSuffix) ? file : file + lineSuffix));
  if (named.some((file) => existsSync(sweepFileOf(file)))) return named;
  throw new Complaint('NO_SWEEP', `there is no sweep in ${path}`, 'name the folder that was given to --out');
}
