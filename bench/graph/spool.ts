import { randomBytes } from 'node:crypto';
import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphError, systemReason } from './error.js';

/**
 * A file for what comes only once, a pipe or a stream that is being unpacked: a dump is read twice.
 *
 * It has no name from the start, so it is gone with the process however that ends.
 */
export class Spool {
  readonly fd: number;
  size = 0;
  private readonly folder = tmpdir();

  /** @param name of the input, for errors */
  constructor(private readonly name: string) {
    const path = join(this.folder, `continuum-${randomBytes(8).toString('hex')}.spool`);
    try {
      this.fd = openSync(path, 'wx+', 0o600);
    } catch (error) {
      throw this.unwritable(error);
    }
    unlinkSync(path);
  }

  write(bytes: Uint8Array): void {
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(this.fd, bytes, done);
    } catch (error) {
      throw this.unwritable(error);
    }
    this.size += bytes.length;
  }

  close(): void {
    closeSync(this.fd);
  }

  private unwritable(error: unknown): GraphError {
    const what = `no room to unpack it in ${this.folder}: ${systemReason(error)}`;
    const hint = 'set TMPDIR to a folder on a disk that holds it unpacked';
    return new GraphError('UNWRITABLE', what, { path: this.name }, hint, { cause: error });
  }
}
