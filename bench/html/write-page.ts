/** A page as a file. */
import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { Complaint, codeOf, messageOf } from '../errors.js';

/**
 * Writes the file whole or not at all: whoever opens it meanwhile never gets half of it. Answers its path for people.
 * @throws Complaint saying why it could not be written.
 */
export function writePage(file: string, text: string): string {
  const temporary = `${file}.${randomBytes(3).toString('hex')}`;
  try {
    writeFileSync(temporary, text, { flag: 'wx' });
    renameSync(temporary, file);
    return fromHere(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    const what = `cannot write ${fromHere(file)}: ${messageOf(error)}`;
    throw new Complaint(codeOf(error, 'UNWRITABLE'), what, 'name another file');
  }
}

/** A path as it is shown: short where that is possible. */
export function fromHere(file: string): string {
  const path = relative(process.cwd(), file);
  return path.startsWith('..') ? file : path;
}
