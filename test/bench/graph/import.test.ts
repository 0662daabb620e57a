import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importWithReport } from '../../../bench/graph/import.js';
import type { ImportProgress } from '../../../bench/graph/import-options.js';
import { type HeapGraph, importHprof } from '../../../bench/graph/index.js';
import { nothingOdd } from '../../../bench/graph/report.js';
import { HprofWriter, hprofType } from '../../support/hprof-writer.js';
import { plain, Scratch } from './graph-files.js';
import { androidDump, jvmDump, knownGraph, oneRecordDump } from './known-heap.js';

const scratch = new Scratch();

function assertKnown(graph: HeapGraph): void {
  const { classes, classOf, payloadBytes, references, roots } = plain(graph);
  assert.is(graph.objectCount, knownGraph.objectNames.length);
  assert.equal(classes, knownGraph.classes);
  assert.equal(classOf, knownGraph.classOf);
  assert.equal(payloadBytes, knownGraph.payloadBytes);
  assert.equal(references, knownGraph.references);
  assert.equal(roots, knownGraph.roots);
}

for (const [name, writer] of [
  ['JVM 1.0.1, 4-byte ids', jvmDump(4, '1.0.1')],
  ['JVM 1.0.2, 4-byte ids', jvmDump(4)],
  ['JVM 1.0.2, 8-byte ids', jvmDump(8)],
  ['a single HEAP_DUMP, 4-byte ids', oneRecordDump(4)],
  ['a single HEAP_DUMP, 8-byte ids', oneRecordDump(8)],
  ['Android 1.0.3, 4-byte ids', androidDump(4)],
  ['Android 1.0.3, 8-byte ids', androidDump(8)],
] as const) {
  const path = scratch.write(`${name}.hprof`, writer.bytes);

  test(`${name}: the known graph`, async () => {
    assertKnown(await importHprof(path));
  });

  test(`${name}: the same through chunks smaller than any record`, async () => {
    for (const chunkBytes of [8, 9, 64]) assertKnown((await importWithReport(path, { chunkBytes })).graph);
  });
}

test('what was left out is reported', async () => {
  const path = scratch.write('report.hprof', jvmDump(8).bytes);
  const { report } = await importWithReport(path);
  assert.equal(report, {
    format: 'JAVA PROFILE 1.0.2',
    dumpBytes: jvmDump(8).bytes.length,
    dumpObjects: 10,
    unreachableObjects: 1,
    ...nothingOdd,
    unsampledObjects: 0,
    cutReferences: 0,
  });
});

test('progress goes from little to all', async () => {
  const path = scratch.write('progress.hprof', jvmDump(8).bytes);
  const seen: ImportProgress[] = [];
  await importHprof(path, (progress) => seen.push(progress));
  const done = seen.map(({ doneBytes }) => doneBytes);
  assert.equal(
    done,
    [...done].sort((a, b) => a - b),
  );
  assert.is(seen.at(-1)?.doneBytes, seen.at(-1)?.totalBytes);
});

test('ids beyond 32 bits, far apart and close together', async () => {
  const ids = [0x7f_0000_0000_08, 0x7f_0000_0000_10, 1, 2, 3, 4, 5, 6, 7, 0x1_0000_0008];
  const writer = new HprofWriter('1.0.2', 8);
  writer.segment(() => {
    ids.forEach((id, index) => {
      writer.objectArray(id, 99, [ids[(index + 1) % ids.length]]);
    });
    writer.root(0xff, 7);
  });
  writer.end();
  const graph = await importHprof(scratch.write('ids.hprof', writer.bytes));
  const sorted = [...ids].sort((a, b) => a - b);
  const expected = sorted.map((id) => [sorted.indexOf(ids[(ids.indexOf(id) + 1) % ids.length])]);
  assert.equal(plain(graph).references, expected);
  assert.equal(plain(graph).classes[0].name, 'class@0x63');
});

test('what the dump does not have is null, and counted', async () => {
  const writer = new HprofWriter('1.0.2', 4);
  writer.segment(() => {
    writer.objectArray(16, 99, [16, 24, 0, 8]);
    writer.root(0xff, 16);
    writer.root(0xff, 1234);
    writer.root(0xff, 0);
  });
  writer.end();
  const { graph, report } = await importWithReport(scratch.write('dangling.hprof', writer.bytes));
  assert.equal(plain(graph).references, [[0, null, null, null]]);
  assert.is(report.danglingReferences, 3);
});

test('an object dumped twice is taken once, as it came first', async () => {
  const writer = new HprofWriter('1.0.2', 4);
  writer.segment(() => {
    writer.primitiveArray(16, hprofType.char, 7);
    writer.objectArray(16, 99, [16, 16]);
    writer.root(0xff, 16);
  });
  writer.end();
  const { graph, report } = await importWithReport(scratch.write('twice.hprof', writer.bytes));
  assert.equal(plain(graph).payloadBytes, [14]);
  assert.equal(plain(graph).references, [[]]);
  assert.is(report.duplicateObjects, 1);
});

test('a heap without roots is a graph without objects', async () => {
  const writer = new HprofWriter('1.0.2', 4);
  writer.segment(() => writer.primitiveArray(16, hprofType.long, 1));
  writer.end();
  const { graph, report } = await importWithReport(scratch.write('rootless.hprof', writer.bytes));
  assert.is(graph.objectCount, 0);
  assert.is(report.unreachableObjects, 1);
});

test('an array without its data is as large as one with it', async () => {
  const writer = new HprofWriter('1.0.3', 4);
  writer.segment(() => {
    writer.primitiveArrayNoData(16, hprofType.double, 1000);
    writer.primitiveArray(8000, hprofType.double, 1000);
    writer.root(0x8d, 16);
    writer.root(0x8d, 8000);
  });
  writer.end();
  const graph = await importHprof(scratch.write('no-data.hprof', writer.bytes));
  assert.equal(plain(graph).payloadBytes, [8000, 8000]);
});

test.run();
