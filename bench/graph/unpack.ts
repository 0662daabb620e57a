import { Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { GraphError, systemReason } from './error.js';
import { type Packing, unpackBy } from './signatures.js';

const chunkSize = 1 << 18;

/**
 * What is compressed in a stream.
 *
 * @param name of the input, for errors
 * @throws GraphError it is damaged, or this Node cannot read it; and whatever the stream throws
 */
export async function* throughUnpacker(
  chunks: AsyncIterable<Uint8Array>,
  packing: Packing,
  name: string,
): AsyncGenerator<Uint8Array> {
  const unpacker = unpackerOf(packing, name);
  let given = 0;
  const source = Readable.from(
    counted(chunks, (bytes) => {
      given = bytes;
    }),
  );
  let unread: Error | undefined;
  source.once('error', (error) => {
    unread = error;
    unpacker.destroy(error);
  });
  try {
    yield* source.pipe(unpacker);
  } catch (error) {
    if (unread !== undefined) throw unread;
    throw packing === 'zstd' && isNextFrame(error) ? severalFrames(name) : damagedPacking(name, packing, error);
  } finally {
    source.destroy();
    unpacker.destroy();
  }
  if (packing === 'zstd' && unpacker.bytesWritten < given) throw severalFrames(name);
}

/** The stream as it is, telling how much of it has come. */
export async function* counted(
  chunks: AsyncIterable<Uint8Array>,
  tell: (doneBytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  let doneBytes = 0;
  for await (const chunk of chunks) {
    doneBytes += chunk.length;
    tell(doneBytes);
    yield chunk;
  }
}

type Unpacker = Transform & { readonly bytesWritten: number };

function unpackerOf(packing: Packing, name: string): Unpacker {
  if (packing === 'gzip') return zlib.createGunzip({ chunkSize });
  // Only Node 22.15 and later have it.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create === 'function') return create({ chunkSize }) as Unpacker;
  const what = 'a file compressed by zstd, which this Node cannot unpack';
  throw new GraphError('UNSUPPORTED', what, { path: name }, unpackBy('zstd -dc'));
}

function damagedPacking(name: string, packing: Packing, error: unknown): GraphError {
  const reason = systemReason(error);
  const place = { path: name };
  const hint = 'make or copy it again';
  if (/unexpected end/.test(reason)) {
    return new GraphError('TRUNCATED', `the ${packing} stream ends in the middle`, place, hint, { cause: error });
  }
  return new GraphError('CORRUPT', `the ${packing} stream is damaged: ${reason}`, place, hint, { cause: error });
}

/** Nodes before 26 stop at a frame's end inside of what they are given, or take what follows for no frame. */
function severalFrames(name: string): GraphError {
  const what = 'several frames of zstd, of which this Node reads the first alone';
  return new GraphError('UNSUPPORTED', what, { path: name }, unpackBy('zstd -dc'));
}

function isNextFrame(error: unknown): boolean {
  return error instanceof Error && Reflect.get(error, 'code') === 'ZSTD_error_prefix_unknown';
}
