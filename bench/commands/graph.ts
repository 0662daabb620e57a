/** `continuum graph import` and `continuum graph info`: the graph folder at the command line. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { Complaint, codeOf, exitCodes, usage } from '../errors.js';
import { type GraphDescription, graphImport, graphInfo, type ImportReport, type Sample } from '../graph/index.js';
import { asNumber, asShare, whole } from '../options/kinds.js';
import { specOf } from '../options/options.js';
import { printable } from '../printable.js';
import { approximateSize, formatCount } from '../sizes.js';
import { Progress } from '../sweep/progress.js';

/** What was typed behind `continuum graph import`. */
export interface ImportTyped {
  readonly out: string;
  readonly dump?: string;
  readonly sample?: string;
  readonly seed?: string;
}

const seedSpec = specOf('seed');
const sampleSchema = z
  .number('must be a share such as 1/8, or a number of objects such as 1e6')
  .gt(0, 'must be above 0')
  .refine((size) => size <= 1 || Number.isInteger(size), 'must be a share up to 1, or a whole number of objects');
const dumpSchema = whole(1, 2 ** 31 - 1);
const seedSchema = whole(0, 2 ** 32 - 1);

/** Turns a heap dump into a graph file, which appears whole or not at all. Answers the exit code. */
export async function graphImportCommand(input: string, typed: ImportTyped): Promise<number> {
  const output = typed.out;
  const dump = typed.dump === undefined ? undefined : read('dump', typed.dump, asNumber, dumpSchema);
  const sample = sampleOf(typed);
  checkOutput(input, output);
  const progress = new Progress();
  progress.begin(0, 1, `import ${input}`);
  const { fileBytes, report, description } = await graphImport(input, output, {
    ...{ dump, sample },
    onProgress: ({ phase, doneBytes, totalBytes }) => {
      const text = totalBytes === undefined ? approximateSize(doneBytes) : undefined;
      progress.update(phase, totalBytes === undefined ? undefined : doneBytes / Math.max(totalBytes, 1), text);
    },
  }).finally(() => progress.clear());
  const lines = importLines(output, fileBytes, report, description);
  process.stdout.write(`${lines.map(printable).join('\n')}\n`);
  return exitCodes.ok;
}

/** Prints what is in a graph file, or would be. Answers the exit code. */
export async function graphInfoCommand(file: string, json: boolean): Promise<number> {
  process.stdout.write(await graphInfo(file, { json }));
  return exitCodes.ok;
}

/** What was made, and what of the dump is not as it stands there. */
function importLines(output: string, fileBytes: number, report: ImportReport, about: GraphDescription): string[] {
  const said = [
    [report.unreachableObjects, 'left out, objects that nothing reaches'],
    [report.duplicateObjects, 'left out, objects dumped twice'],
    [report.danglingReferences, 'left out, references to objects that are not in the dump'],
    [report.unsampledObjects, 'left out, objects that are not in the sample'],
    [report.cutReferences, 'left out, references from the sample to the rest'],
    [report.standIns, 'kept by size, instances of classes that are not in the dump'],
    [report.strippedArrays, 'kept by size, primitive arrays whose contents were stripped'],
    [report.bootRoots, 'taken for roots, classes of the boot loader (no class is a root in the dump)'],
    [report.wrongLengths, 'read to their real end, heap records of a wrong length'],
  ] as const;
  return [
    `${output}: ${approximateSize(fileBytes)}, of ${report.format}, ${approximateSize(report.dumpBytes)}`,
    `${formatCount(about.objects)} objects, ${approximateSize(about.bytes)} in our heap, ` +
      `${formatCount(about.references)} references`,
    ...(report.dumps > 1 ? [`dump ${report.dump} of ${report.dumps} in the file; --dump takes another`] : []),
    ...said.filter(([count]) => count > 0).map(([count, text]) => `${text}: ${formatCount(count)}`),
  ];
}

function sampleOf({ sample, seed }: ImportTyped): Sample | undefined {
  if (sample === undefined) {
    if (seed === undefined) return undefined;
    throw usage('--seed draws a sample, and there is none', 'give --sample as well, or leave --seed out');
  }
  return {
    size: read('sample', sample, asShare, sampleSchema),
    seed: seed === undefined ? Number(seedSpec.fallback) : read('seed', seed, asNumber, seedSchema),
  };
}

function read<T>(flag: string, text: string, from: (text: string) => number, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(from(text));
  if (parsed.success) return parsed.data;
  throw usage(`--${flag} cannot be '${text}'`, `it ${parsed.error.issues[0]?.message}`);
}

/** Reading a large dump takes a while: what is wrong with the output is said before. */
function checkOutput(dump: string, output: string): void {
  if (resolve(dump) === resolve(output)) {
    throw usage(`${output} is the heap dump itself`, 'give -o another name: the dump would be overwritten');
  }
  const folder = dirname(resolve(output));
  const unwritable = (why: string, code: string) =>
    new Complaint(code, `cannot write ${output}: ${why}`, 'name a file in a folder that can be written to');
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory()) throw unwritable('it is a folder', 'EISDIR');
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = codeOf(error, 'UNWRITABLE');
    throw unwritable(code === 'ENOENT' ? `there is no folder ${folder}` : `${folder} is not writable`, code);
  }
}
