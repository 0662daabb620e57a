import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphError, importHprof } from '../../../bench/graph/index.js';
import { HprofWriter, hprofType } from '../../support/hprof-writer.js';
import { graphErrorOf, Scratch, throwsGraphError } from './graph-files.js';
import { androidDump, jvmDump, oneRecordDump } from './known-heap.js';

const scratch = new Scratch();

/** A dump with one segment, written by `body`. */
function dump(body: (writer: HprofWriter) => void, version: '1.0.2' | '1.0.3' = '1.0.2'): string {
  const writer = new HprofWriter(version, 4);
  writer.segment(() => body(writer));
  writer.end();
  return scratch.write('case.hprof', writer.bytes);
}

for (const [name, writer] of [
  ['JVM', jvmDump(8)],
  ['Android', androidDump(4)],
] as const) {
  test(`${name}: cut anywhere, also between records, it is an error`, async () => {
    const path = scratch.write(`cut-${name}.hprof`, writer.bytes);
    for (const length of cuts(writer)) {
      truncateSync(path, length);
      const error = await graphErrorOf(() => importHprof(path));
      assert.ok(['TRUNCATED', 'FOREIGN'].includes(error.code), `${length}: ${error.message}`);
    }
  });

  test(`${name}: with any byte changed it is a graph or an error, never a crash`, async () => {
    for (let at = 0; at < writer.bytes.length; at += 3) {
      const bytes = writer.bytes;
      bytes[at] ^= at % 2 === 0 ? 0xff : 0x01;
      const path = scratch.write(`changed-${name}.hprof`, bytes);
      await importHprof(path).catch((error: unknown) => {
        if (!(error instanceof GraphError)) throw error;
      });
    }
  });
}

/** Every length at which a part ends, a byte more and a byte less, and some in between; descending. */
function cuts(writer: HprofWriter): number[] {
  const full = writer.bytes.length;
  const lengths = new Set(writer.boundaries.flatMap((boundary) => [boundary - 1, boundary, boundary + 1]));
  for (let length = 0; length < full; length += 7) lengths.add(length);
  for (let length = 0; length < 40; length++) lengths.add(length);
  return [...lengths].filter((length) => length < full).sort((a, b) => b - a);
}

test('a single HEAP_DUMP cut short', async () => {
  const writer = oneRecordDump(8);
  const path = scratch.write('one-record.hprof', writer.bytes.subarray(0, -1));
  await throwsGraphError(() => importHprof(path), 'TRUNCATED', /ends in the middle of a record at byte \d+$/);
});

test('no file, a folder, an empty file', async () => {
  const missing = await throwsGraphError(() => importHprof(scratch.path('none')), 'UNREADABLE', /no such file/);
  assert.is(missing.path, scratch.path('none'));
  mkdirSync(scratch.path('folder'));
  await throwsGraphError(() => importHprof(scratch.path('folder')), 'UNREADABLE', /not a regular file/);
  await throwsGraphError(() => importHprof(scratch.write('empty', new Uint8Array(0))), 'FOREIGN', /empty/);
});

test('foreign files', async () => {
  for (const text of [
    '#!/bin/sh\n',
    'JAVA PROFILE 1.0.9\0\0\0\0\x08',
    'JAVA PROFILE ',
    '{"snapshot":{}}',
    '\0\0\0\0',
    'x'.repeat(5000),
  ]) {
    const path = scratch.path('foreign');
    writeFileSync(path, text);
    const error = await graphErrorOf(() => importHprof(path));
    assert.ok(['FOREIGN', 'TRUNCATED', 'UNSUPPORTED', 'CORRUPT'].includes(error.code), error.message);
  }
});

test('ids of another size', async () => {
  const { bytes } = jvmDump(8);
  bytes[22] = 16;
  await throwsGraphError(() => importHprof(scratch.write('ids', bytes)), 'CORRUPT', /ids of 16 bytes.* at byte 19/);
});

test('ids that no double can hold', async () => {
  const writer = new HprofWriter('1.0.2', 8);
  writer.segment(() => {
    writer.u1(0x05);
    writer.u4(0x0020_0000);
    writer.u4(1);
  });
  await throwsGraphError(() => importHprof(scratch.write('wide', writer.bytes)), 'UNSUPPORTED', /above 2\^53/);
});

test('an unknown tag in a heap', async () => {
  await throwsGraphError(() => importHprof(dump((writer) => writer.root(0x42, 1))), 'CORRUPT', /0x42 .* at byte 40/);
});

test('lengths that lie are found where they lie, and nothing is allocated by them', async () => {
  const huge = 0xffff_ffff;
  const before = process.memoryUsage().arrayBuffers;
  const cases: [string, (writer: HprofWriter) => void][] = [
    ['instance', (writer) => writer.instanceHead(16, 8, huge)],
    ['object array', (writer) => writer.objectArray(16, 8, [16], huge)],
    ['primitive array', (writer) => writer.primitiveArray(16, hprofType.long, huge, 1)],
    ['one element too many', (writer) => writer.objectArray(16, 8, [16], 2)],
    [
      'fields',
      (writer) => {
        writer.u1(0x20);
        for (let words = 0; words < 9; words++) writer.u4(0);
        writer.u4(0);
        writer.u2(0xffff);
      },
    ],
  ];
  for (const [name, body] of cases) {
    const error = await graphErrorOf(() => importHprof(dump(body)));
    assert.is(error.code, 'CORRUPT', `${name}: ${error.message}`);
    assert.ok((error.offset ?? 0) > 31, `${name}: ${error.message}`);
  }
  const record = new HprofWriter('1.0.2', 4);
  record.record(0x1c, () => undefined, huge);
  await throwsGraphError(() => importHprof(scratch.write('record', record.bytes)), 'TRUNCATED', /middle of a record/);
  const text = new HprofWriter('1.0.2', 4);
  text.record(0x01, () => text.u2(1));
  await throwsGraphError(() => importHprof(scratch.write('text', text.bytes)), 'CORRUPT', /past the end of its record/);
  assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
});

test('sizes that contradict the class', async () => {
  const fields = [hprofType.reference, hprofType.int];
  for (const types of [[hprofType.reference], [...fields, hprofType.byte]]) {
    const path = dump((writer) => {
      writer.class({ id: 8, fields });
      writer.instance(16, 8, types);
    });
    await throwsGraphError(() => importHprof(path), 'CORRUPT', /object 0x10 has \d bytes of data for 8 of fields/);
  }
});

test('classes that are their own superclass', async () => {
  const circle = dump((writer) => {
    writer.class({ id: 8, superId: 12 });
    writer.class({ id: 12, superId: 8 });
    writer.instance(16, 8, []);
  });
  await throwsGraphError(() => importHprof(circle), 'CORRUPT', /class 0x8 has no end of superclasses/);
});

test('types that are none, object 0, an array of 32 GiB', async () => {
  const types = dump((writer) => writer.class({ id: 8, fields: [3] }));
  await throwsGraphError(() => importHprof(types), 'CORRUPT', /3 is no primitive type/);
  const zero = dump((writer) => writer.objectArray(0, 8, []));
  await throwsGraphError(() => importHprof(zero), 'CORRUPT', /whose id is 0/);
  const large = dump((writer) => writer.primitiveArrayNoData(16, hprofType.long, 0xffff_ffff), '1.0.3');
  await throwsGraphError(() => importHprof(large), 'CORRUPT', /array 0x10 of 4 GiB or more/);
});

test('a file without a heap', async () => {
  const writer = new HprofWriter('1.0.2', 4);
  writer.text(1, 'nothing else');
  await throwsGraphError(() => importHprof(scratch.write('no-heap', writer.bytes)), 'TRUNCATED', /holds no heap dump/);
});

test.run();
