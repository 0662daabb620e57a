// deadline: 600s
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodeContents } from '../../bench/graph/encode.js';
import { decodeGraph, encodeGraph } from '../../bench/graph/format.js';
import type { HeapGraph } from '../../bench/graph/graph.js';
import { GraphError, readGraph, writeGraph } from '../../bench/graph/index.js';
import { plain, Scratch } from '../bench/graph/graph-files.js';
import { damages, spoil, watched } from './fuzz.js';
import { graphs } from './graphs.js';
import { runs } from './runs.js';

const scratch = new Scratch();

/** Where the format has its parts: magic, seven words, hash, contents. */
const WORDS_AT = 8;
const HASH_AT = WORDS_AT + 7 * 4;
const BODY_AT = HASH_AT + 32;
/** No file here is larger than this once it is decompressed, and no array may be much larger than that. */
const MOST_BYTES = 4 << 20;

test('a graph is written and read, and written again it is the same file', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, fc.nat({ max: 11 }), async (graph, quality) => {
      const path = scratch.path('graph');
      const length = await writeGraph(path, graph, { quality });
      const bytes = readFileSync(path);
      assert.is(bytes.length, length);
      const read = readGraph(path);
      assert.equal(plain(read), plain(graph));
      assert.ok(Buffer.from(await encodeGraph(read, path, quality)).equals(bytes));
    }),
    runs(150),
  );
});

/** Reads it: a graph that can be written, or an error of one line that says what to do, and no array that is too large. */
async function readOrRefuse(bytes: Uint8Array): Promise<'read' | 'refused'> {
  const { result, largest } = await watched(() => {
    try {
      return decodeGraph(bytes, 'spoilt');
    } catch (error) {
      return error;
    }
  });
  assert.ok(largest <= MOST_BYTES, `an array of ${largest} bytes for a file of ${bytes.length}`);
  if (!(result instanceof Error)) {
    encodeContents(result as HeapGraph); // throws where the columns contradict each other
    return 'read';
  }
  if (!(result instanceof GraphError)) throw result;
  assert.not.match(result.message, /[\r\n]/);
  assert.ok(result.hint.length > 0);
  return 'refused';
}

/** The file with a checksum that is right, whatever stands in it. */
function sealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < BODY_AT) return bytes;
  const hash = createHash('sha256').update(bytes.subarray(0, HASH_AT)).update(bytes.subarray(BODY_AT)).digest();
  const whole = bytes.slice();
  whole.set(hash, HASH_AT);
  return whole;
}

/** A file of other contents, its lengths told as they are. */
function withContents(bytes: Uint8Array, contents: Uint8Array): Uint8Array {
  const body = brotliCompressSync(contents, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const file = new Uint8Array(BODY_AT + body.length);
  file.set(bytes.subarray(0, BODY_AT));
  file.set(body, BODY_AT);
  const view = new DataView(file.buffer);
  view.setUint32(WORDS_AT + 5 * 4, contents.length, true);
  view.setUint32(WORDS_AT + 6 * 4, body.length, true);
  return sealed(file);
}

test('any damage to a file is found', async () => {
  await fc.assert(
    fc.asyncProperty(graphs, damages, async (graph, by) => {
      const bytes = await encodeGraph(graph, 'any', 1);
      const spoilt = spoil(bytes, by);
      const same = Buffer.from(spoilt).equals(bytes);
      assert.is(await readOrRefuse(spoilt), same ? 'read' : 'refused');
    }),
    runs(300),
  );
});

test('a file made to deceive, its checksum right: a graph, or an error', async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(graphs, damages, async (graph, by) => {
      const bytes = await encodeGraph(graph, 'any', 1);
      seen[await readOrRefuse(sealed(spoil(bytes, by)))]++;
    }),
    runs(300),
  );
  assert.ok(seen.refused > 0);
});

test('contents made to deceive, compressed as they should be: a graph, or an error', async () => {
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(graphs, damages, async (graph, by) => {
      const bytes = await encodeGraph(graph, 'any', 1);
      const contents = brotliDecompressSync(bytes.subarray(BODY_AT));
      seen[await readOrRefuse(withContents(bytes, spoil(contents, by)))]++;
    }),
    runs(600),
  );
  assert.ok(seen.read > 0 && seen.refused > 0, JSON.stringify(seen));
});

test('counts that are anything: a graph, or an error', async () => {
  // Of any magnitude: those that a file may hold, and this one does not, as well as those that none may.
  const count = fc.tuple(fc.nat({ max: 32 }), fc.nat({ max: 2 })).map(([bits, less]) => Math.max(0, 2 ** bits - less));
  const counts = fc.array(
    count.map((value) => Math.min(value, 0xffff_ffff)),
    { minLength: 6, maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(graphs, counts, fc.nat({ max: 63 }), async (graph, values, which) => {
      const bytes = await encodeGraph(graph, 'any', 1);
      const view = new DataView(bytes.buffer);
      values.forEach((value, index) => {
        if ((which >> index) & 1) view.setUint32(WORDS_AT + 4 * (index + 1), value, true);
      });
      await readOrRefuse(sealed(bytes));
    }),
    runs(300),
  );
});

test.run();
