import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib';
import { type ContentCounts, decodeContents } from './decode.js';
import { encodeContents } from './encode.js';
import { GraphError, type GraphErrorCode } from './error.js';
import type { HeapGraph } from './graph.js';
import { limits } from './limits.js';

/** The top bit, the line breaks and the ^Z are there to be damaged by whatever takes the file for text. */
export const magic = Uint8Array.of(0x89, 0x48, 0x47, 0x52, 0x0d, 0x0a, 0x1a, 0x0a);
/** Bytes that `checkMagic` wants to see. */
export const magicBytes = magic.length;

const version = 1;
const hashBytes = 32;
/** Magic, seven 32-bit words, hash. */
const headerBytes = magic.length + 7 * 4 + hashBytes;
const again = 'import the heap dump again, or get the file again';

/**
 * The bytes of a graph file.
 *
 * @param path for errors
 * @param quality Brotli's, 0 … 11
 * @throws GraphError the graph is larger than a file may hold
 */
export async function encodeGraph(graph: HeapGraph, path: string, quality: number): Promise<Uint8Array> {
  const counts: ContentCounts = {
    objects: graph.objectCount,
    references: graph.references.length,
    roots: graph.roots.length,
    classes: graph.classes.length,
  };
  const contents = encodeContents(graph);
  const tooLarge = beyondLimits(counts, contents.length);
  if (tooLarge !== undefined) {
    throw new GraphError('UNSUPPORTED', `a graph of ${tooLarge}`, { path }, 'import a part of the dump: --sample 0.5');
  }
  const compressed = await promisify(brotliCompress)(contents, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: contents.length,
    },
  });
  const bytes = new Uint8Array(headerBytes + compressed.length);
  bytes.set(magic);
  const view = new DataView(bytes.buffer);
  const words = [version, ...Object.values(counts), contents.length, compressed.length];
  words.forEach((word, index) => {
    view.setUint32(magic.length + 4 * index, word, true);
  });
  bytes.set(compressed, headerBytes);
  bytes.set(hashOf(bytes), headerBytes - hashBytes);
  return bytes;
}

/**
 * The graph in the bytes of a graph file.
 *
 * @param path for errors
 * @throws GraphError the bytes are no graph file, or a damaged one
 */
export function decodeGraph(bytes: Uint8Array, path: string): HeapGraph {
  const fail = (code: GraphErrorCode, what: string, offset?: number): GraphError =>
    new GraphError(code, what, { path, offset }, again);
  checkMagic(bytes, path);
  if (bytes.length < headerBytes) throw fail('TRUNCATED', 'the file ends in its header', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (index: number): number => view.getUint32(magic.length + 4 * index, true);
  if (word(0) !== version) {
    throw fail('UNSUPPORTED', `version ${word(0)} of the graph format, not ${version}`, magic.length);
  }
  const counts: ContentCounts = { objects: word(1), references: word(2), roots: word(3), classes: word(4) };
  const contentBytes = word(5);
  const bodyBytes = word(6);
  const rest = bytes.length - headerBytes;
  if (rest < bodyBytes) throw fail('TRUNCATED', `the file ends ${bodyBytes - rest} bytes early`, bytes.length);
  if (rest > bodyBytes) throw fail('CORRUPT', `${rest - bodyBytes} bytes too many`, headerBytes + bodyBytes);
  if (hashOf(bytes).some((byte, index) => byte !== bytes[headerBytes - hashBytes + index])) {
    throw fail('CORRUPT', 'the checksum is wrong', headerBytes - hashBytes);
  }
  // From here on only a file made to deceive is wrong.
  const tooLarge = beyondLimits(counts, contentBytes);
  if (tooLarge !== undefined) throw fail('UNSUPPORTED', `a graph of ${tooLarge}`, magic.length);
  const contents = decompress(bytes.subarray(headerBytes), contentBytes);
  if (contents?.length !== contentBytes) throw fail('CORRUPT', 'contents that do not decompress', headerBytes);
  return decodeContents(contents, counts, (what, offset) =>
    fail('CORRUPT', `${what} at byte ${offset} of the decompressed contents`),
  );
}

/** Throws `FOREIGN` if a file that begins with `bytes` is no graph file, whatever follows. */
export function checkMagic(bytes: Uint8Array, path: string): void {
  if (magic.subarray(0, bytes.length).every((byte, index) => byte === bytes[index])) return;
  const hint = 'make one of a heap dump with `continuum graph import`';
  throw new GraphError('FOREIGN', 'not a graph file', { path, offset: 0 }, hint);
}

function decompress(body: Uint8Array, contentBytes: number): Uint8Array | undefined {
  try {
    return brotliDecompressSync(body, { maxOutputLength: Math.max(contentBytes, 1) });
  } catch {
    return undefined;
  }
}

/** The first number that is above its limit, in words. */
function beyondLimits(counts: ContentCounts, contentBytes: number): string | undefined {
  const sizes = { ...counts, contentBytes };
  const names = ['objects', 'references', 'roots', 'classes', 'contentBytes'] as const;
  const name = names.find((key) => sizes[key] > limits[key]);
  return name === undefined ? undefined : `${sizes[name]} ${name}, when ${limits[name]} are the most a file may hold`;
}

/** SHA-256 of a graph file, its own place left out. */
function hashOf(bytes: Uint8Array): Uint8Array {
  const hash = createHash('sha256');
  hash.update(bytes.subarray(0, headerBytes - hashBytes));
  return hash.update(bytes.subarray(headerBytes)).digest();
}
