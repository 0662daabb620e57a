/** What files are by their bytes, what becomes of compressed ones and pipes, and what stays behind of it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GraphErrorCode } from '../../../bench/graph/error.js';
import { importWithReport } from '../../../bench/graph/import.js';
import { graphInfo, importHprof, writeGraph } from '../../../bench/graph/index.js';
import { Scratch, throwsGraphError } from './graph-files.js';
import { jvmDump, knownGraph } from './known-heap.js';

const scratch = new Scratch();
const dump = jvmDump(8).bytes;
const cli = fileURLToPath(new URL('../../../bench/cli.js', import.meta.url));
const spoolFolder = scratch.path('spool');
mkdirSync(spoolFolder);
process.env.TMPDIR = spoolFolder;

const bytesOf = (...parts: (string | number | readonly number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : (part as number[]))),
  );

async function assertKnown(path: string): Promise<void> {
  const { graph, report } = await importWithReport(path);
  assert.is(graph.objectCount, knownGraph.objectNames.length);
  assert.is(report.dumpBytes, dump.length);
  assert.equal(readdirSync(spoolFolder), []);
}

test('gzip is read whatever the file is called, of one member or of many, padded or not', async () => {
  await assertKnown(scratch.write('one.hprof', gzipSync(dump)));
  // As a JVM writes it: a member a block. The padding is as of files copied in whole blocks.
  const members: Uint8Array[] = [];
  for (let at = 0; at < dump.length; at += 100) members.push(gzipSync(dump.subarray(at, at + 100)));
  await assertKnown(scratch.write('many.hprof.gz', Buffer.concat(members)));
  await assertKnown(scratch.write('padded.gz', Buffer.concat([...members, new Uint8Array(4096)])));
});

test('members of gzip that end where a read ends', async () => {
  // Stored, so that sizes can be chosen: one member ends with the first read of 1 MiB.
  const stored = (bytes: Uint8Array) => gzipSync(bytes, { level: constants.Z_NO_COMPRESSION });
  const zeros = new Uint8Array((1 << 20) - stored(dump).length);
  let length = zeros.length;
  while (stored(dump).length + stored(zeros.subarray(0, length)).length > 1 << 20) length--;
  const padded = [stored(dump), stored(zeros.subarray(0, length)), stored(zeros.subarray(0, 100_000))];
  assert.is(padded[0].length + padded[1].length, 1 << 20);
  const { graph, report } = await importWithReport(scratch.write('edge.gz', Buffer.concat(padded)));
  assert.is(graph.objectCount, knownGraph.objectNames.length);
  assert.is(report.dumpBytes, dump.length + length + 100_000);
});

test('zstd is read where Node has it, and named where it has not', async () => {
  const compress: unknown = Reflect.get(zlib, 'zstdCompressSync');
  if (typeof compress === 'function') {
    const pack = (bytes: Uint8Array) => compress(bytes) as Uint8Array;
    await assertKnown(scratch.write('dump.zst', pack(dump)));
    // Either all of it is read, or it is said that this Node cannot.
    const frames = [pack(dump.subarray(0, 1000)), pack(dump.subarray(1000))];
    const path = scratch.write('frames.zst', Buffer.concat(frames));
    const whole = await importWithReport(path).catch((error: unknown) => error);
    if (whole instanceof Error) assert.match(whole.message, /several frames of zstd/);
    else await assertKnown(path);
    return;
  }
  const path = scratch.write('dump.zst', bytesOf([0x28, 0xb5, 0x2f, 0xfd, 4, 0, 1, 0, 0]));
  const error = await throwsGraphError(() => importHprof(path), 'UNSUPPORTED', /compressed by zstd/);
  assert.match(error.hint, /zstd -dc FILE \| continuum graph import - /);
});

test('gzip that is cut, damaged, of something else, or gzip once more', async () => {
  const packed = gzipSync(dump);
  const cases: [Uint8Array, GraphErrorCode, RegExp][] = [
    [packed.subarray(0, -20), 'TRUNCATED', /the gzip stream ends in the middle/],
    [packed.subarray(0, 3), 'TRUNCATED', /the gzip stream ends in the middle/],
    [
      Uint8Array.from(packed, (byte, at) => (at === packed.length - 6 ? byte ^ 1 : byte)),
      'CORRUPT',
      /gzip stream is d/,
    ],
    [gzipSync('#!/bin/sh\n'), 'FOREIGN', /neither an HPROF/],
    [gzipSync(''), 'FOREIGN', /empty/],
    [gzipSync(packed), 'UNSUPPORTED', /compressed twice/],
    [gzipSync(dump.subarray(0, 700)), 'TRUNCATED', /the file ends/],
  ];
  for (const [bytes, code, pattern] of cases) {
    const path = scratch.write('bad.gz', bytes);
    const error = await throwsGraphError(() => importHprof(path), code, pattern);
    assert.is(error.path, path);
  }
  assert.equal(readdirSync(spoolFolder), []);
});

test('what is not read is named, with what to do', async () => {
  const tar = new Uint8Array(512);
  tar.set(Buffer.from('dump.hprof'));
  tar.set(Buffer.from('ustar\0'), 257);
  const elf = (type: number) => bytesOf([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, type, 0]);
  const zip = bytesOf('PK\x03\x04', [20, 0, 0, 0, 8, 0, 0, 0, 0, 0], [...deflateRawSync(dump)]);
  const packet = [0x0a, 4, 0x40, 1, 0x50, 2];
  const cases: [Uint8Array, RegExp, RegExp][] = [
    [bytesOf('BZh91AY&SY'), /bzip2/, /bzip2 -dc FILE \|/],
    [bytesOf([0xfd], '7zXZ\0\0'), /xz/, /xz -dc FILE \|/],
    [zip, /zip archive/, /unzip -p FILE \|/],
    [bytesOf('7z', [0xbc, 0xaf, 0x27, 0x1c, 0]), /7-Zip/, /7z e -so FILE \|/],
    [bytesOf([0x04, 0x22, 0x4d, 0x18, 0]), /lz4/, /lz4 -dc/],
    [tar, /tar archive/, /tar -xOf FILE \|/],
    [bytesOf('JAVA PROFILE 1.0.1, created Wed Jan  4 10:09:37 2012\n\nHeader'), /an ASCII dump/, /format=b/],
    [bytesOf('\0\x12portable heap dump\0\0\0\x06'), /PHD.* of OpenJ9/, /HPROF/],
    [bytesOf('// Version: J2RE 8\n0x1 [24]'), /OpenJ9 as text/, /HPROF/],
    [elf(4), /a core of a process/, /jhsdb jmap --binaryheap/],
    [bytesOf('MDMP\0'), /minidump/, /jhsdb/],
    [bytesOf(packet, packet, packet), /Perfetto/, /am dumpheap/],
    [bytesOf(packet), /Perfetto/, /am dumpheap/],
    [bytesOf('{"head":{"callFrame":{}}}'), /sampled allocations/, /writeHeapSnapshot/],
  ];
  for (const [bytes, what, hint] of cases) {
    const error = await throwsGraphError(() => importHprof(scratch.write('foreign', bytes)), 'UNSUPPORTED', what);
    assert.match(error.hint, hint);
  }
  for (const bytes of [
    elf(2),
    bytesOf('\n{"x": 1}\n'),
    bytesOf([0x0a]),
    bytesOf([0x0a, 0x80]),
    bytesOf('{"snapshots":'),
  ]) {
    await throwsGraphError(() => importHprof(scratch.write('foreign', bytes)), 'FOREIGN', /not a heap dump|neither/);
  }
});

test('a graph file is no dump, but info takes both', async () => {
  const output = scratch.path('known.heapgraph');
  await writeGraph(output, await importHprof(scratch.write('known.hprof', dump)));
  await throwsGraphError(() => importHprof(output), 'UNSUPPORTED', /a graph file already/);
  const text = await graphInfo(output);
  assert.is(await graphInfo(scratch.write('known.gz', gzipSync(dump))), text);
  assert.is(await graphInfo(scratch.write('packed.heapgraph.gz', gzipSync(readFileSync(output)))), text);
});

test('where there is no room to unpack, it says where that was', async () => {
  process.env.TMPDIR = scratch.path('nowhere');
  try {
    const path = scratch.write('room.gz', gzipSync(dump));
    const error = await throwsGraphError(
      () => importHprof(path),
      'UNWRITABLE',
      /unpack it in .*nowhere: .*no such file/,
    );
    assert.match(error.hint, /TMPDIR/);
  } finally {
    process.env.TMPDIR = spoolFolder;
  }
});

test('what is neither a file nor a pipe', async () => {
  await throwsGraphError(() => importHprof('/dev/zero'), 'UNREADABLE', /not a regular file or a pipe/);
});

/** Runs the command line in a shell. */
function shell(command: string): string {
  const env = { ...process.env, TMPDIR: spoolFolder, CLI: cli, NODE: process.execPath, D: scratch.folder };
  return execFileSync('bash', ['-c', `set -o pipefail; ${command}`], { env, encoding: 'utf8', timeout: 60_000 });
}

test('a pipe is read, by each of its names, and a file behind them too', () => {
  writeFileSync(scratch.path('piped.hprof'), dump);
  writeFileSync(scratch.path('piped.gz'), gzipSync(dump));
  const expected = shell('"$NODE" "$CLI" graph info "$D"/piped.hprof');
  for (const command of [
    'cat "$D"/piped.hprof | "$NODE" "$CLI" graph info -',
    'cat "$D"/piped.gz | "$NODE" "$CLI" graph info /dev/stdin',
    '"$NODE" "$CLI" graph info - < "$D"/piped.hprof',
    '"$NODE" "$CLI" graph info <(cat "$D"/piped.hprof)',
  ]) {
    assert.is(shell(command), expected, command);
  }
  const told = shell('cat "$D"/piped.hprof | "$NODE" "$CLI" graph import - -o "$D"/piped.heapgraph');
  assert.match(told, /9 objects/);
  assert.is(shell('"$NODE" "$CLI" graph info "$D"/piped.heapgraph'), expected);
});

for (const [what, sent, pattern] of [
  ['something else', Buffer.alloc(8192, '#!/bin/sh\n'), /neither an HPROF heap dump nor a V8 heap snapshot/],
  // So much that what is unpacked of it is seen before the end.
  ['something else, compressed', gzipSync(randomBytes(1 << 17)), /neither an HPROF heap dump/],
] as const)
  test(`a pipe of ${what} is refused before it ends`, async () => {
    const child = spawn(process.execPath, [cli, 'graph', 'info', '-'], {
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: 60_000,
    });
    child.stdin.on('error', () => {});
    child.stdin.write(sent);
    const began = performance.now();
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    await once(child, 'close');
    assert.match(said, /^continuum: standard input: .*\n$/);
    assert.match(said, pattern);
    assert.ok(performance.now() - began < 30_000);
  });

test('nothing is left behind by whom an interrupt ends', async () => {
  const output = scratch.path('interrupted.heapgraph');
  const child = spawn(process.execPath, [cli, 'graph', 'import', '-', '-o', output], {
    ...{ stdio: ['pipe', 'ignore', 'ignore'], timeout: 60_000 },
    env: { ...process.env, TMPDIR: spoolFolder },
  });
  child.stdin?.on('error', () => {});
  child.stdin?.write(Buffer.concat([dump, Buffer.alloc(1 << 20)]));
  await spooling(child);
  child.kill('SIGINT');
  await once(child, 'exit');
  assert.equal(readdirSync(spoolFolder), []);
  assert.not.ok(readdirSync(scratch.folder).some((name) => name.includes('interrupted')));
});

/** Comes when the child has the copy open: it has no name, but is among its files. */
async function spooling(child: ChildProcess): Promise<void> {
  const files = join('/proc', String(child.pid), 'fd');
  while (child.exitCode === null) {
    const opened = readdirSync(files).map((fd) => linkOf(join(files, fd)));
    if (opened.some((target) => target.endsWith('.spool (deleted)'))) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it ended by itself');
}

/** Where a link leads; nowhere once it is gone. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

test.run();
