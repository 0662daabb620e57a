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
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Complaint, codeOf, messageOf } from '../errors.js';
import { makeFolders, writeWhole } from '../files.js';
import { firstIssue, lineSchema, type ResultLine } from '../schema/index.js';
import type { FileTexts } from '../schema/protocol.js';
import { withoutRepeated } from './lost.js';

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

export function unwritable(folder: string, error: unknown, hint = 'name another folder with --out'): Complaint {
  const code = codeOf(error, 'UNWRITABLE');
  return new Complaint(code, `cannot write results to ${folder}: ${whyUnwritable(error)}`, hint);
}

/** What further files of a result are called: after the results file, a number, and this. */
const endings: Readonly<Record<keyof FileTexts, string>> = {
  hdrSimple: 'simple.hdr',
  hdrMetered: 'metered.hdr',
  latencyCsv: 'latency.csv',
};

/** Appends the lines of one sweep. The file appears with the first line. */
export class ResultsWriter {
  #descriptor: number | undefined;
  readonly #madeFolder: string | undefined;

  private constructor(
    /** Where the lines go; the file exists once `append` has returned. */
    readonly file: string,
    madeFolder?: string,
  ) {
    this.#madeFolder = madeFolder;
  }

  get folder(): string {
    return dirname(this.file);
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
    const stamp = now.toISOString().replace(/[-:]|\.\d+/g, '');
    const writer = new ResultsWriter(join(path, `${stamp}-${randomBytes(3).toString('hex')}.jsonl`), made);
    try {
      // Only writing shows that writing works: access() knows nothing of quotas and full disks.
      writer.#probe();
    } catch (error) {
      writer.close();
      throw unwritable(folder, error);
    }
    return writer;
  }

  /**
   * Goes on with a file, which may not be there yet. A last line that was not written whole is taken away.
   * @throws Complaint when the folder does not take a file.
   */
  static resume(file: string): { readonly writer: ResultsWriter; readonly torn: boolean } {
    const writer = new ResultsWriter(resolve(file));
    try {
      writer.#probe();
      return { writer, torn: existsSync(file) && cutTornLine(file) };
    } catch (error) {
      throw unwritable(writer.folder, error);
    }
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
      this.#descriptor ??= openSync(this.file, 'a');
      const before = fstatSync(this.#descriptor).size;
      this.#writeWhole(this.#descriptor, bytes, before);
    } catch (error) {
      throw this.#cutShort(error);
    }
  }

  /** In the middle of a sweep there is something to go on with. */
  #cutShort(error: unknown): Complaint {
    return unwritable(this.folder, error, `make room, and go on with continuum bench --resume ${this.folder}`);
  }

  #writeWhole(descriptor: number, bytes: Buffer, before: number): void {
    let written = 0;
    try {
      // What comes after a part that was taken says why the rest was not.
      while (written < bytes.length) {
        const taken = writeSync(descriptor, bytes, written);
        if (taken === 0) throw Object.assign(new Error('the line did not fit'), { code: 'ENOSPC' });
        written += taken;
      }
      fsyncSync(descriptor); // a full disk may come to light only here
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
      throw this.#cutShort(error);
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

/** Takes away what follows the last line break; answers whether there was anything. */
function cutTornLine(file: string): boolean {
  const bytes = readFileSync(file);
  const whole = bytes.lastIndexOf('\n') + 1;
  if (whole < bytes.length) truncateSync(file, whole);
  return whole < bytes.length;
}

/**
 * Reads a file of result lines; empty lines are passed over. Of a point that was lost and repeated, the repetition
 * counts.
 * @throws Complaint naming the file, the number of the first bad line (from 1), and what is wrong with it.
 */
export function readResults(file: string): ResultLine[] {
  return readLines(readFile(file), file);
}

/** The same of a file that may end in a line that was not written whole: it is passed over. */
export function readWholeLines(file: string): ResultLine[] {
  const text = readFile(file);
  return readLines(text.slice(0, text.lastIndexOf('\n') + 1), file);
}

function readFile(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Complaint(codeOf(error, 'UNREADABLE'), `cannot read ${file}: ${messageOf(error)}`, 'name a results file');
  }
}

function readLines(text: string, file: string): ResultLine[] {
  const lines: ResultLine[] = [];
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() !== '') lines.push(readLine(row, `${file}, line ${index + 1}`));
  }
  return withoutRepeated(lines);
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
