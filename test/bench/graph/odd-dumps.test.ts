/** Dumps that are not as the manual has them, as tools and old JVMs write them: read all the same, and it is said how. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importWithReport } from '../../../bench/graph/import.js';
import type { ImportOptions } from '../../../bench/graph/import-options.js';
import type { HeapGraph } from '../../../bench/graph/index.js';
import { type HprofVersion, HprofWriter, hprofType } from '../../support/hprof-writer.js';
import { plain, Scratch, throwsGraphError } from './graph-files.js';
import { androidDump, jvmDump, knownGraph, oneRecordDump } from './known-heap.js';

const scratch = new Scratch();

const objectClass = 0x100;
const nodeClass = 0x108;
const fields = [hprofType.reference, hprofType.int];

function importBytes(bytes: Uint8Array, options: ImportOptions = {}) {
  return importWithReport(scratch.write('odd.hprof', bytes), options);
}

/** The heap's record, with two classes in it and what `body` writes. */
function written(
  body: (writer: HprofWriter) => void,
  { version = '1.0.2', tag = 0x1c, lengthOff = 0 }: { version?: HprofVersion; tag?: number; lengthOff?: number } = {},
): HprofWriter {
  const writer = new HprofWriter(version, 4);
  writer.text(1, 'test/Node');
  writer.loadClass(nodeClass, 1);
  const objects = () => {
    writer.class({ id: objectClass });
    writer.class({ id: nodeClass, superId: objectClass, fields });
    writer.root(0x05, objectClass);
    writer.root(0x05, nodeClass);
    body(writer);
  };
  writer.record(tag, objects, undefined, lengthOff);
  return writer;
}

function node(writer: HprofWriter, id: number, next: number): void {
  writer.instance(id, nodeClass, fields, [next]);
}

const named = (graph: HeapGraph, name: string) => {
  const index = graph.classes.findIndex((each) => each.name === name);
  return [...graph.classOf].filter((each) => each === index).length;
};

for (const [why, off] of [
  ['ends inside an object', -5],
  ['ends inside the head of an object', -20],
  ['ends exactly between two objects', -21],
  ['is nothing, as of a heap of 4 GiB', Number.NaN],
  ['is too long', 4],
  ['is longer than the file', 100_000],
] as const) {
  for (const tag of [0x0c, 0x1c]) {
    test(`a length that ${why}, tag 0x${tag.toString(16)}`, async () => {
      const body = (writer: HprofWriter) => {
        writer.root(0xff, 0x200);
        node(writer, 0x200, 0x210);
        node(writer, 0x210, 0x220);
      };
      const whole = written(body, { tag });
      const length = whole.bytes.length;
      const lengthOff = Number.isNaN(off) ? -(length - (whole.boundaries[2] ?? 0) - 9) : off;
      const writer = written(body, { tag, lengthOff });
      writer.segment(() => node(writer, 0x220, 0));
      writer.end();
      // A HEAP_DUMP is a dump of its own, so what follows it is another.
      const { graph, report } = await importBytes(writer.bytes);
      assert.is(named(graph, 'test.Node'), tag === 0x1c ? 3 : 2);
      assert.is(report.wrongLengths, 1);
      assert.is(report.strippedArrays, 0);
    });
  }
}

test('a heap is cut where it is cut, whatever its length says', async () => {
  for (const writer of [jvmDump(4), oneRecordDump(8), androidDump(4)]) {
    const path = scratch.write('cut.hprof', writer.bytes.subarray(0, writer.boundaries.at(-4)));
    await throwsGraphError(() => importWithReport(path), 'TRUNCATED', /the file ends/);
  }
});

test('a length that was never filled in, of a dumper that was ended, is a cut', async () => {
  const body = (writer: HprofWriter) => node(writer, 0x200, 0);
  const length = written(body, { tag: 0x0c }).bytes.length;
  const writer = written(body, { tag: 0x0c, lengthOff: -(length - (written(body).boundaries[2] ?? 0) - 9) });
  const path = scratch.write('ended.hprof', writer.bytes.subarray(0, -3));
  await throwsGraphError(() => importWithReport(path), 'TRUNCATED', /the file ends in the middle/);
});

test('several dumps in one file are not merged', async () => {
  for (const tag of [0x0c, 0x1c]) {
    const writer = new HprofWriter('1.0.1', 4);
    for (const [dump, objects] of [2, 5, 3].entries()) {
      writer.text(1, `Class${dump}`);
      writer.loadClass(objectClass, 1);
      writer.record(tag, () => {
        writer.class({ id: objectClass });
        writer.root(0x05, objectClass);
        for (let i = 0; i < objects; i++) writer.root(0xff, 0x200 + 8 * i);
        for (let i = 0; i < objects; i++) writer.instance(0x200 + 8 * i, objectClass, []);
      });
      if (tag === 0x1c) writer.end();
    }
    for (const [dump, objects] of [
      [undefined, 2],
      [1, 2],
      [2, 5],
      [3, 3],
    ] as const) {
      const { graph, report } = await importBytes(writer.bytes, { dump });
      assert.is(graph.objectCount, objects + 1);
      assert.is(named(graph, `Class${(dump ?? 1) - 1}`), objects);
      assert.is(report.dump, dump ?? 1);
      assert.is(report.dumps, 3);
      assert.is(report.duplicateObjects, 0);
    }
    const path = scratch.write('three.hprof', writer.bytes);
    const error = await throwsGraphError(
      () => importWithReport(path, { dump: 4 }),
      'UNSUPPORTED',
      /holds 3 dumps, not 4/,
    );
    assert.match(error.hint, /from 1 to 3/);
  }
});

test('zeros after the end are no cut; anything else is damage', async () => {
  for (const writer of [jvmDump(8), oneRecordDump(4), androidDump(4)]) {
    for (const zeros of [1, 8, 9, 4096, 70_000]) {
      const padded = new Uint8Array(writer.bytes.length + zeros);
      padded.set(writer.bytes);
      const { graph } = await importBytes(padded, { chunkBytes: 4096 });
      assert.is(graph.objectCount, knownGraph.objectNames.length);
    }
  }
  const dirty = new Uint8Array(jvmDump(8).bytes.length + 5000);
  dirty.set(jvmDump(8).bytes);
  dirty[dirty.length - 1] = 1;
  const path = scratch.write('dirty.hprof', dirty);
  await throwsGraphError(
    () => importWithReport(path, { chunkBytes: 64 }),
    'CORRUPT',
    /0x0 is no kind of record at byte/,
  );
});

test("Android's tags under a JVM's version", async () => {
  const { graph, report } = await importBytes(
    ended(
      written((writer) => {
        writer.heapInfo(0x41, 1);
        writer.root(0x8d, 0x200);
        writer.root(0x90, 0x300);
        node(writer, 0x200, 0x210);
        writer.heapInfo(0x41, 1);
        writer.primitiveArrayNoData(0x210, hprofType.int, 10);
        node(writer, 0x300, 0);
      }),
    ),
  );
  assert.is(named(graph, 'test.Node'), 1);
  assert.is(report.unreachableObjects, 1);
});

test('instances of classes that are missing keep their size', async () => {
  const { graph, report } = await importBytes(
    ended(
      written((writer) => {
        writer.class({ id: 0x110, superId: 0x9999, fields: [hprofType.reference] });
        writer.root(0xff, 0x200);
        writer.objectArray(0x200, 0x9000, [0x210, 0x220, 0x230]);
        writer.instance(0x210, 0x7770, [hprofType.int, hprofType.reference], [0x200]);
        // Its own field is known, its superclass's are not.
        writer.instance(0x220, 0x110, [hprofType.reference, hprofType.long], [0x210]);
        writer.instance(0x230, 0x110, [hprofType.short]);
        writer.instance(0x240, 0x7770, [hprofType.byte]);
      }),
    ),
  );
  const { classes, classOf, payloadBytes, references } = plain(graph);
  const objects = classOf.map((index, object) => ({
    kind: classes[index].kind,
    payload: payloadBytes[object],
    references: references[object].length,
    targets: references[object].filter((target) => target !== null).length,
  }));
  assert.equal(objects.slice(-3), [
    { kind: 'varying', payload: 8, references: 0, targets: 0 },
    { kind: 'varying', payload: 8, references: 1, targets: 1 },
    { kind: 'varying', payload: 2, references: 0, targets: 0 },
  ]);
  assert.is(report.standIns, 4);
  assert.is(report.unreachableObjects, 2);
});

test('classes of the boot loader are roots where no class is one', async () => {
  const bytes = (sticky: number, version: HprofVersion = '1.0.2') => {
    const writer = new HprofWriter(version, 4);
    writer.segment(() => {
      writer.class({ id: objectClass });
      writer.class({ id: 0x108, superId: objectClass, statics: [[hprofType.reference, 0x200]] });
      writer.class({ id: 0x110, superId: objectClass, loaderId: 0x300, statics: [[hprofType.reference, 0x210]] });
      for (const id of [0x200, 0x210, 0x300]) writer.instance(id, objectClass, []);
      writer.root(0x08, 0x300, 8);
      if (sticky !== 0) writer.root(0x05, sticky);
    });
    writer.end();
    return writer.bytes;
  };
  const found = async (sticky: number, version?: HprofVersion) => {
    const { graph, report } = await importBytes(bytes(sticky, version));
    return [graph.objectCount, report.bootRoots];
  };
  assert.equal(await found(0), [4, 2]);
  assert.equal(await found(0x300), [4, 2]);
  assert.equal(await found(objectClass), [2, 0]);
  // Android says what its roots are.
  assert.equal(await found(0, '1.0.3'), [1, 0]);
});

test('arrays whose contents were stripped in place keep their size', async () => {
  for (const lengthOff of [0, 48, 10_000]) {
    const { graph, report } = await importBytes(
      ended(
        written(
          (writer) => {
            writer.root(0xff, 0x210);
            writer.primitiveArray(0x200, hprofType.byte, 40, 0);
            node(writer, 0x210, 0x200);
            writer.primitiveArray(0x220, hprofType.byte, 0, 0);
            writer.primitiveArray(0x230, hprofType.long, 1000, 0);
            writer.root(0x8d, 0x230);
          },
          { version: '1.0.3', lengthOff },
        ),
      ),
    );
    assert.equal(plain(graph).payloadBytes.slice(-3), [40, 4, 8000]);
    assert.is(report.strippedArrays, 2);
  }
});

/** With the end record. */
function ended(writer: HprofWriter): Uint8Array {
  writer.end();
  return writer.bytes;
}

test.run();
