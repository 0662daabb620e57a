import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeGraph } from '../../../bench/graph/format.js';
import { importHprof, readGraph, writeGraph } from '../../../bench/graph/index.js';
import { graphErrorOf, plain, Scratch, throwsGraphError } from './graph-files.js';
import { jvmDump } from './known-heap.js';

const scratch = new Scratch();
const headerBytes = 68;
const known = await importHprof(scratch.write('known.hprof', jvmDump(8).bytes));
const file = scratch.path('known.heapgraph');
await writeGraph(file, known);
const whole = readFileSync(file);

/** A graph file with a correct checksum whatever is in it: version, counts, length of contents, length of body, body. */
function forged(words: readonly number[], body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headerBytes + body.length);
  bytes.set(whole.subarray(0, 8));
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(8 + 4 * index, word, true);
  });
  bytes.set(body, headerBytes);
  const hash = createHash('sha256').update(bytes.subarray(0, 36)).update(body).digest();
  bytes.set(hash, 36);
  return bytes;
}

function forgedContents(counts: readonly number[], contents: readonly number[]): Uint8Array {
  const body = brotliCompressSync(Uint8Array.from(contents));
  return forged([1, ...counts, contents.length, body.length], body);
}

test('what was written is read, field by field', () => {
  const read = readGraph(file);
  assert.equal(plain(read), plain(known));
  assert.is(read.objectCount, known.objectCount);
  assert.equal([...read.firstReference], [...known.firstReference]);
});

test('an empty graph', async () => {
  const none = new Uint32Array(0);
  const empty = {
    objectCount: 0,
    classes: [],
    classOf: none,
    firstReference: new Uint32Array(1),
    payloadBytes: none,
    references: none,
    roots: none,
  };
  await writeGraph(scratch.path('none.heapgraph'), empty);
  assert.equal(plain(readGraph(scratch.path('none.heapgraph'))), plain(empty));
});

test('the same graph makes the same bytes', async () => {
  await writeGraph(scratch.path('again.heapgraph'), known);
  assert.equal(readFileSync(scratch.path('again.heapgraph')), whole);
});

test('cut anywhere it is an error', async () => {
  const path = scratch.write('cut.heapgraph', whole);
  for (let length = whole.length - 1; length >= 0; length--) {
    truncateSync(path, length);
    await throwsGraphError(() => readGraph(path), 'TRUNCATED', /the file ends/);
  }
});

test('with any bit changed it is an error', async () => {
  for (let at = 0; at < whole.length; at++) {
    const bytes = Uint8Array.from(whole);
    bytes[at] ^= 1 << (at % 8);
    const error = await graphErrorOf(() => decodeGraph(bytes, 'changed'));
    assert.is.not(error.code, 'UNREADABLE', error.message);
  }
});

test('a byte too many', async () => {
  const longer = Buffer.concat([whole, Uint8Array.of(0)]);
  await throwsGraphError(() => decodeGraph(longer, 'longer'), 'CORRUPT', /1 bytes too many at byte \d+$/);
});

test('foreign files, none and a folder', async () => {
  for (const bytes of [jvmDump(4).bytes, new TextEncoder().encode('{}'), Uint8Array.of(0x89, 0x50, 0x4e, 0x47)]) {
    const path = scratch.write('foreign', bytes);
    const error = await throwsGraphError(() => readGraph(path), 'FOREIGN', /not a graph file at byte 0$/);
    assert.match(error.hint, /graph import/);
  }
  await throwsGraphError(() => readGraph(scratch.path('none')), 'UNREADABLE', /no such file or directory$/);
  await throwsGraphError(() => readGraph(scratch.folder), 'UNREADABLE', /directory/);
});

test('another version', async () => {
  await throwsGraphError(() => decodeGraph(forged([2, 0, 0, 0, 0, 0, 0], new Uint8Array(0)), 'v2'), 'UNSUPPORTED', /2/);
});

test('counts that lie allocate nothing', async () => {
  const body = brotliCompressSync(new Uint8Array(10));
  const bomb = brotliCompressSync(new Uint8Array(64 << 20), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const before = process.memoryUsage().arrayBuffers;
  const huge = 0xffff_ffff;
  for (const index of [1, 2, 3, 4, 5]) {
    const words = [1, 0, 0, 0, 0, 10, body.length];
    words[index] = huge;
    await throwsGraphError(() => decodeGraph(forged(words, body), 'huge'), 'UNSUPPORTED', /the most a file may hold/);
    words[index] = 2 ** 20;
    await throwsGraphError(() => decodeGraph(forged(words, body), 'large'), 'CORRUPT', /./);
  }
  const words = [1, 0, 0, 0, 0, 1000, bomb.length];
  await throwsGraphError(() => decodeGraph(forged(words, bomb), 'bomb'), 'CORRUPT', /do not decompress/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 32 << 20);
});

test('contents that are no graph', async () => {
  // Counts: objects, references, roots, classes. A class: name, kind, bytes of fields, reference fields.
  const node = [1, 65, 0, 8, 1, 4];
  const array = [1, 66, 1, 0, 0];
  const sound: [number[], number[]] = [
    [1, 1, 1, 1],
    [...node, 0, 0, 0, 17],
  ];
  decodeGraph(forgedContents(...sound), 'sound');
  const cases: [RegExp, number[], number[]][] = [
    [/contents end too early/, [1, 1, 1, 1], [...node, 0, 0, 0]],
    [/1 bytes too many/, [1, 1, 1, 1], [...node, 0, 0, 0, 17, 0]],
    [/class 1 is not below 1/, [1, 1, 1, 1], [...node, 1, 0, 0, 17]],
    [/root 1 is not below 1/, [1, 1, 1, 1], [...node, 0, 1, 0, 17]],
    [/a root twice/, [2, 2, 2, 1], [...node, 0, 0, 0, 0, 0, 17, 17]],
    [/base of a column 2/, [1, 1, 1, 1], [...node, 0, 0, 2, 17]],
    [/a reference to no object/, [1, 1, 1, 1], [...node, 0, 0, 0, 19]],
    [/a reference to no object/, [1, 1, 1, 1], [...node, 0, 0, 0, 1]],
    [/1 objects that no root leads to/, [1, 1, 0, 1], [...node, 0, 0, 17]],
    [/kind of class 5/, [1, 1, 1, 1], [1, 65, 5, 8, 1, 4, 0, 0, 0, 17]],
    [/reference field outside its object/, [1, 1, 1, 1], [1, 65, 0, 7, 1, 4, 0, 0, 0, 17]],
    [/reference fields that overlap/, [1, 2, 1, 1], [1, 65, 0, 8, 2, 0, 3, 0, 0, 0, 0, 0, 0]],
    [/fields of what is no instance/, [1, 1, 1, 1], [1, 65, 1, 8, 0, 0, 1, 0, 0, 17]],
    [/text longer than the file/, [1, 1, 1, 1], [99, 65, 0, 8, 1, 4, 0, 0, 0, 17]],
    [/other than 1 references/, [1, 1, 1, 1], [...array, 0, 2, 0, 0, 17, 17]],
    [/length 134217729 is not below/, [1, 1, 1, 1], [...array, 0, 0x81, 0x80, 0x80, 0x40, 0, 0, 17]],
    [/a number above 2\^32/, [1, 1, 1, 1], [...node, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    [/90 objects in 10 bytes/, [90, 1, 1, 1], [...node, 0, 0, 0, 17]],
  ];
  for (const [pattern, counts, contents] of cases) {
    await throwsGraphError(() => decodeGraph(forgedContents(counts, contents), 'forged'), 'CORRUPT', pattern);
  }
});

test('a graph that is none is not written', async () => {
  const path = scratch.path('bad.heapgraph');
  for (const [pattern, wrong] of [
    [/a reference to no object/, { references: known.references.map(() => 99) }],
    [/no root leads to/, { roots: new Uint32Array(0) }],
    [/ascending/, { roots: known.roots.slice().reverse() }],
    [/an object of no class/, { classes: [] }],
    [/payload of its class/, { payloadBytes: known.payloadBytes.map((bytes) => bytes + (bytes === 13 ? 1 : 0)) }],
  ] as const) {
    const error = await writeGraph(path, { ...known, ...wrong }).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.instance(error, TypeError);
    assert.match(String(error), pattern);
  }
  assert.not.ok(readdirSync(scratch.folder).includes('bad.heapgraph'));
});

test('a write that fails leaves what was there, and nothing else', async () => {
  const error = await throwsGraphError(
    () => writeGraph(scratch.path('no/such/folder.heapgraph'), known),
    'UNWRITABLE',
    /no such file or directory$/,
  );
  assert.match(error.hint, /folder/);
  // A file cannot take the place of a folder: the rename fails after all was written.
  await throwsGraphError(() => writeGraph(scratch.folder, known), 'UNWRITABLE', /./);
  writeFileSync(scratch.path('kept.heapgraph'), 'old');
  await writeGraph(scratch.path('kept.heapgraph'), known);
  assert.equal(readFileSync(scratch.path('kept.heapgraph')), whole);
  assert.equal(
    readdirSync(scratch.folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test.run();
