/** Results on disk: one folder, one file a sweep, one JSON object a line, each appended whole or not at all. */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Complaint, codeOf, messageOf } from './errors.js';
import type { FileTexts } from './protocol.js';
import { firstIssue, lineSchema, type ResultLine } from './schema.js';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow further',
  ENOTDIR: 'a part of the path is not a folder',
  ENOENT: 'nothing can be made there',
  EEXIST: 'it exists and is not a folder',
  ENAMETOOLONG: 'the name is too long',
};

/** Why a file could not be written, in a few words. */
export function whyUnwritable(error: unknown): string {
  return reasons[codeOf(error, '')] ?? messageOf(error);
}

function unwritable(folder: string, error: unknown): Complaint {
  const code = codeOf(error, 'UNWRITABLE');
  return new Complaint(
    code,
    `cannot write results to ${folder}: ${whyUnwritable(error)}`,
    'name another folder with --out',
  );
}

/**
 * Makes a folder and those above it; answers the topmost one made. Node's own `recursive` turns in circles where the
 * system answers ENOENT although the parent is there, as /proc does.
 */
function makeFolders(path: string): string | undefined {
  if (existsSync(path)) return undefined;
  const above = makeFolders(dirname(path));
  mkdirSync(path);
  return above ?? path;
}

/** What further files of a result are called: after the results file, a number, and this. */
const endings: Readonly<Record<keyof FileTexts, string>> = {
  hdrSimple: 'simple.hdr',
  hdrMetered: 'metered.hdr',
  latencyCsv: 'latency.csv',
};

/** Appends the lines of one sweep. The file appears with the first line. */
export class ResultsWriter {
  /** Where the lines go; the file exists once `append` has returned. */
  readonly file: string;
  #descriptor: number | undefined;
  readonly #madeFolder: string | undefined;

  private constructor(
    readonly folder: string,
    now: Date,
    madeFolder: string | undefined,
  ) {
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    this.file = join(folder, `${stamp}-${randomBytes(3).toString('hex')}.jsonl`);
    this.#madeFolder = madeFolder;
  }

  /**
   * Makes sure, before anything is run, that the folder takes a file.
   * @throws Complaint saying why it does not.
   */
  static open(folder: string, now: Date = new Date()): ResultsWriter {
    const path = resolve(folder);
    let made: string | undefined;
    try {
      if (existsSync(path) && !statSync(path).isDirectory()) throw Object.assign(new Error(), { code: 'EEXIST' });
      made = makeFolders(path);
      accessSync(path, constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unwritable(folder, error);
    }
    const writer = new ResultsWriter(path, now, made);
    try {
      // Only writing shows that writing works: access() knows nothing of quotas and full disks.
      writer.#probe();
    } catch (error) {
      writer.close();
      throw unwritable(folder, error);
    }
    return writer;
  }

  #probe(): void {
    const path = `${this.file}.probe`;
    const descriptor = openSync(path, 'wx');
    try {
      if (writeSync(descriptor, 'x') !== 1) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC' });
    } finally {
      closeSync(descriptor);
      unlinkSync(path);
    }
  }

  /**
   * Appends one line and waits until it is on the disk.
   * @throws Complaint when it could not be written whole; the file then ends with the line before.
   */
  append(line: ResultLine): void {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
    try {
      this.#descriptor ??= openSync(this.file, 'ax');
      const before = fstatSync(this.#descriptor).size;
      this.#writeWhole(this.#descriptor, bytes, before);
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw unwritable(this.folder, error);
    }
  }

  #writeWhole(descriptor: number, bytes: Buffer, before: number): void {
    let written = 0;
    try {
      written = writeSync(descriptor, bytes);
      if (written < bytes.length) throw Object.assign(new Error('the line did not fit'), { code: 'ENOSPC' });
    } catch (error) {
      ftruncateSync(descriptor, before);
      throw error;
    }
  }

  /**
   * Writes the files that go with a line, each of which appears whole or not at all, and answers their names.
   * @throws Complaint when one could not be written; none is left then.
   */
  putBeside(texts: FileTexts): Readonly<Record<keyof FileTexts, string>> {
    const stem = this.file.replace(/\.jsonl$/, '');
    let number = 1;
    while (existsSync(`${stem}-${number}.${endings.hdrSimple}`)) number++;
    const names = (Object.keys(endings) as (keyof FileTexts)[]).map((name) => [
      name,
      `${basename(stem)}-${number}.${endings[name]}`,
    ]) as [keyof FileTexts, string][];
    try {
      for (const [name, file] of names) writeWhole(join(this.folder, file), texts[name]);
    } catch (error) {
      for (const [, file] of names) rmSync(join(this.folder, file), { force: true });
      throw unwritable(this.folder, error);
    }
    return Object.fromEntries(names) as FileTexts;
  }

  /** Closes the file. What was made and stayed empty goes again. */
  close(): void {
    if (this.#descriptor !== undefined) {
      const empty = fstatSync(this.#descriptor).size === 0;
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
      if (empty) unlinkSync(this.file);
    }
    if (this.#madeFolder === undefined || existsSync(this.file)) return;
    for (let path = this.folder; path.startsWith(this.#madeFolder); path = dirname(path)) {
      try {
        rmdirSync(path);
      } catch {
        return; // Somebody else put something there meanwhile: it stays.
      }
    }
  }
}

/** Under another name until it is whole and on the disk. */
function writeWhole(path: string, text: string): void {
  const unfinished = `${path}.part`;
  try {
    writeFileSync(unfinished, text, { flush: true });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * Reads a file of result lines; empty lines are passed over.
 * @throws Complaint naming the file, the number of the first bad line (from 1), and what is wrong with it.
 */
export function readResults(file: string): ResultLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Complaint(codeOf(error, 'UNREADABLE'), `cannot read ${file}: ${messageOf(error)}`, 'name a results file');
  }
  const lines: ResultLine[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() !== '') lines.push(readLine(row, `${file}, line ${index + 1}`));
  }
  return lines;
}

function readLine(row: string, where: string): ResultLine {
  let value: unknown;
  try {
    value = JSON.parse(row);
  } catch (error) {
    throw new Complaint('BAD_RESULTS', `${where}: not JSON (${messageOf(error)})`, 'remove the line, or run again');
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const why = firstIssue(value) ?? 'not a result line';
  throw new Complaint('BAD_RESULTS', `${where}: ${why}`, 'it was written by another version, or edited');
}
