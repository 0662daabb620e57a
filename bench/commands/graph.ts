/** `continuum graph import` and `continuum graph info`: the graph folder at the command line. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Complaint, codeOf, exitCodes, usage } from '../errors.js';
import { graphImport, graphInfo } from '../graph/index.js';
import { approximateSize, formatCount } from '../sizes.js';
import { Progress } from '../sweep/progress.js';

/** Turns a heap dump into a graph file, which appears whole or not at all. Answers the exit code. */
export async function graphImportCommand(dump: string, output: string): Promise<number> {
  checkOutput(dump, output);
  const progress = new Progress();
  progress.begin(0, 1, `import ${dump}`);
  const { fileBytes, report, description } = await graphImport(dump, output, {
    progress: ({ doneBytes, totalBytes }) => progress.update('read', doneBytes / totalBytes),
  }).finally(() => progress.clear());
  const leftOut = [
    [report.unreachableObjects, 'objects that nothing reaches'],
    [report.duplicateObjects, 'objects dumped twice'],
    [report.danglingReferences, 'references to objects that are not in the dump'],
  ] as const;
  const lines = [
    `${output}: ${approximateSize(fileBytes)}, of ${report.format}, ${approximateSize(report.dumpBytes)}`,
    `${formatCount(description.objects)} objects, ${approximateSize(description.bytes)} in our heap, ` +
      `${formatCount(description.references)} references`,
    ...leftOut.filter(([count]) => count > 0).map(([count, what]) => `left out: ${formatCount(count)} ${what}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return exitCodes.ok;
}

/** Prints what is in a graph file. Answers the exit code. */
export async function graphInfoCommand(file: string, json: boolean): Promise<number> {
  process.stdout.write(await graphInfo(file, { json }));
  return exitCodes.ok;
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
