import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OpenFile } from './byte-source.js';
import { GraphError, systemReason } from './error.js';
import { checkMagic, decodeGraph, encodeGraph, magicBytes } from './format.js';
import type { HeapGraph } from './graph.js';
import { limits } from './limits.js';

/** A million objects take a second; quality 11 takes ten times that, for 14% less. */
const defaultQuality = 9;

export interface WriteOptions {
  /** Brotli's quality, 0 … 11; 9 by default. */
  readonly quality?: number | undefined;
}

/**
 * Writes a graph file, whole or not at all: under another name first, which is put in place when it is complete.
 *
 * @returns bytes of the file
 * @throws GraphError the file cannot be written, or the graph is larger than a file may hold
 */
export async function writeGraph(path: string, graph: HeapGraph, options: WriteOptions = {}): Promise<number> {
  const bytes = await encodeGraph(graph, path, options.quality ?? defaultQuality);
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    const hint = 'name a file in a folder that can be written to';
    throw new GraphError('UNWRITABLE', systemReason(error), { path }, hint, { cause: error });
  }
  return bytes.length;
}

/**
 * Reads a graph file.
 *
 * @throws GraphError there is none, it is no graph file, or it is damaged
 */
export function readGraph(path: string): HeapGraph {
  return decodeGraph(readWhole(path), path);
}

/** `readGraph` of a file that is open, and stays so. */
export function readGraphOf({ name, fd }: Pick<OpenFile, 'name' | 'fd'>): HeapGraph {
  return decodeGraph(readOpen(fd, name), name);
}

function readWhole(path: string): Uint8Array {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
  try {
    return readOpen(file, path);
  } finally {
    closeSync(file);
  }
}

/** All bytes of a file that begins as a graph file does, and is no larger than one may be. */
function readOpen(file: number, path: string): Uint8Array {
  try {
    const { size } = fstatSync(file);
    checkMagic(readUpTo(file, Math.min(size, magicBytes)), path);
    if (size > limits.fileBytes) {
      const what = `a file of ${size} bytes, when ${limits.fileBytes} are the most`;
      throw new GraphError('UNSUPPORTED', what, { path }, 'import the heap dump again, with --sample 0.5 or less');
    }
    return readUpTo(file, size);
  } catch (error) {
    throw error instanceof GraphError ? error : unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): GraphError {
  return new GraphError('UNREADABLE', systemReason(error), { path }, 'name a graph file', { cause: error });
}

/** The first `length` bytes, or as many as there are. */
function readUpTo(file: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = readSync(file, bytes, done, length - done, done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
