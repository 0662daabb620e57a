import { closeSync, fstatSync, open, read } from 'node:fs';
import { promisify } from 'node:util';
import { GraphError, systemReason } from './error.js';
import { type Content, recognize, signatureBytes, unpackBy } from './signatures.js';
import { Spool } from './spool.js';
import { counted, throughUnpacker } from './unpack.js';

/** A file open for reading at any place, of a kind that we know. */
export interface Input {
  /** For errors. */
  readonly name: string;
  readonly fd: number;
  readonly size: number;
  readonly content: Content;
  close(): void;
}

/** Told while a pipe or a compressed file is copied: bytes of it so far, and of all where that is known. */
export type UnpackProgress = (doneBytes: number, totalBytes: number | undefined) => void;

const chunkBytes = 1 << 20;
/** Names of standard input. Opened anew, what is behind them may be a socket, which cannot be. */
const standardInput: ReadonlySet<string> = new Set(['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']);

/**
 * Opens a dump or a graph file: a regular file as it is; a pipe (`-` is standard input) or a compressed file as a copy
 * without a name.
 *
 * @throws GraphError it cannot be read, or is nothing that we read: said from its first bytes, before the rest is copied
 */
export async function openInput(path: string, onProgress?: UnpackProgress): Promise<Input> {
  const isStandard = standardInput.has(path);
  const name = isStandard ? 'standard input' : path;
  const fd = isStandard ? 0 : await openFile(path);
  let isPiped = false;
  const close = () => {
    if (!isStandard) closeSync(fd);
    // If its writer goes on, it would keep the process.
    else if (isPiped) process.stdin.destroy();
  };
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() && !stat.isFIFO() && !stat.isSocket()) {
      const hint = 'name a heap dump, or pipe one in';
      throw new GraphError('UNREADABLE', 'not a regular file or a pipe', { path: name }, hint);
    }
    if (!stat.isFile()) {
      isPiped = true;
      // Standard input may be a socket, or never block.
      const chunks: AsyncIterable<Uint8Array> = isStandard ? process.stdin : chunksOf(fd, name);
      const copy = await unpacked(name, chunks, undefined, onProgress);
      close();
      return copy;
    }
    const known = orThrow(name, await headOf(fd, name));
    if (known.kind === 'content') return { name, fd, size: stat.size, content: known.content, close };
    const copy = await unpacked(name, chunksOf(fd, name, 0), stat.size, onProgress);
    close();
    return copy;
  } catch (error) {
    close();
    throw error;
  }
}

async function openFile(path: string): Promise<number> {
  try {
    return await promisify(open)(path, 'r');
  } catch (error) {
    throw new GraphError('UNREADABLE', systemReason(error), { path }, 'name a file that can be read', { cause: error });
  }
}

/** What is in a file, from a place in it, or from where a pipe is. */
async function* chunksOf(fd: number, name: string, position?: number): AsyncGenerator<Uint8Array> {
  for (let at = position; ; ) {
    const chunk = new Uint8Array(chunkBytes);
    const { bytesRead } = await promisify(read)(fd, chunk, 0, chunk.length, at ?? null).catch((error: unknown) => {
      throw unreadable(name, error);
    });
    if (bytesRead === 0) return;
    if (at !== undefined) at += bytesRead;
    yield chunk.subarray(0, bytesRead);
  }
}

async function headOf(fd: number, name: string): Promise<Uint8Array> {
  const head = new Uint8Array(signatureBytes);
  try {
    const { bytesRead } = await promisify(read)(fd, head, 0, head.length, 0);
    return head.subarray(0, bytesRead);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): GraphError {
  return new GraphError('UNREADABLE', systemReason(error), { path: name }, 'check what it is on', { cause: error });
}

function orThrow(name: string, head: Uint8Array) {
  const known = recognize(head);
  if (known.kind === 'refused') throw new GraphError(known.code, known.what, { path: name }, known.hint);
  return known;
}

/** A copy of a stream, decompressed where it is compressed. */
async function unpacked(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  totalBytes: number | undefined,
  onProgress: UnpackProgress | undefined,
): Promise<Input> {
  const spool = new Spool(name);
  const stream = counted(chunks, (doneBytes) => onProgress?.(doneBytes, totalBytes));
  try {
    const [head, whole] = await peeked(stream);
    const outer = orThrow(name, head);
    if (outer.kind === 'content') return await spooled(spool, name, outer.content, whole);
    const [innerHead, inner] = await peeked(throughUnpacker(whole, outer.packing, name));
    const known = orThrow(name, innerHead);
    if (known.kind === 'content') return await spooled(spool, name, known.content, inner);
    throw new GraphError('UNSUPPORTED', 'compressed twice', { path: name }, unpackBy(`${outer.packing} -dc`));
  } catch (error) {
    spool.close();
    throw error instanceof GraphError ? error : unreadable(name, error);
  } finally {
    // Not waited for: it comes after a read that may be under way, of a pipe that nobody writes to.
    stream.return().catch(() => undefined);
  }
}

/** The first bytes of a stream, and all of it: they are looked at before the rest is asked for. */
async function peeked(
  chunks: AsyncIterable<Uint8Array>,
): Promise<[head: Uint8Array, whole: AsyncIterable<Uint8Array>]> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head = new Uint8Array(0);
  while (head.length < signatureBytes) {
    const step = await iterator.next();
    if (step.done) break;
    head = Uint8Array.from(head.length === 0 ? step.value : Buffer.concat([head, step.value]));
  }
  const whole = async function* () {
    yield head;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return [head.subarray(0, signatureBytes), whole()];
}

async function spooled(
  spool: Spool,
  name: string,
  content: Content,
  chunks: AsyncIterable<Uint8Array>,
): Promise<Input> {
  for await (const chunk of chunks) spool.write(chunk);
  return { name, fd: spool.fd, size: spool.size, content, close: () => spool.close() };
}
