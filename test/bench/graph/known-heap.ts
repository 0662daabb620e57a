import { HprofWriter, hprofType as t } from '../../support/hprof-writer.js';

/** A small heap whose dumps, of every kind, must all become the same graph: `knownGraph`. */

export const address = {
  objectClass: 0x1000,
  baseClass: 0x1100,
  nodeClass: 0x1200,
  arrayClass: 0x1300,
  first: 0x2000,
  second: 0x2040,
  array: 0x2080,
  bytes: 0x20c0,
  garbage: 0x2100,
  longs: 0x2140,
} as const;

const names = { object: 1, base: 2, node: 3, array: 4, notAClass: 5, heap: 6 } as const;
/** Node's own fields, then Base's: the order of an instance's data. */
const nodeFields = [t.reference, t.int, t.boolean];
const baseFields = [t.reference, t.long];
const allFields = [...nodeFields, ...baseFields];

export const longsLength = 40;

/** As a JVM writes it: strings and classes first, one segment or several, closed by an end record. */
export function jvmDump(idBytes: 4 | 8, version: '1.0.1' | '1.0.2' = '1.0.2'): HprofWriter {
  const writer = new HprofWriter(version, idBytes);
  namesAndClasses(writer, ['java/lang/Object', 'test/Base', 'test/Node', '[Ljava/lang/Object;']);
  // A record nobody needs (a stack trace), to be skipped by its length.
  writer.record(0x05, () => writer.u4(1));
  writer.segment(() => {
    classDumps(writer);
    writer.root(0x05, address.objectClass);
    writer.root(0x05, address.nodeClass);
    writer.root(0x01, address.arrayClass, idBytes);
  });
  writer.segment(() => {
    objects(writer);
    writer.root(0x08, address.first, 8);
    writer.root(0x02, address.first, 8);
    writer.root(0x03, address.array, 8);
    writer.root(0x04, address.first, 4);
    writer.root(0x06, address.first, 4);
    writer.root(0x07, address.first);
    writer.root(0xff, address.first);
  });
  writer.end();
  return writer;
}

/** As early JVMs wrote it: everything in one HEAP_DUMP without an end record. */
export function oneRecordDump(idBytes: 4 | 8): HprofWriter {
  const writer = new HprofWriter('1.0.1', idBytes);
  namesAndClasses(writer, ['java/lang/Object', 'test/Base', 'test/Node', '[Ljava/lang/Object;']);
  writer.heapDump(() => {
    objects(writer);
    classDumps(writer);
    rootsOfKnownGraph(writer, 0x05);
  });
  return writer;
}

/** As Android writes it: roots first, then heaps with objects before their classes, names as in source. */
export function androidDump(idBytes: 4 | 8 = 4): HprofWriter {
  const writer = new HprofWriter('1.0.3', idBytes);
  namesAndClasses(writer, ['java.lang.Object', 'test.Base', 'test.Node', 'java.lang.Object[]']);
  writer.segment(() => {
    writer.root(0x89, address.first);
    writer.root(0x8a, address.first);
    writer.root(0x8b, address.array);
    writer.root(0x8c, address.first);
    writer.root(0x8d, address.nodeClass);
    writer.root(0x8e, address.arrayClass, 8);
    writer.root(0x8d, address.objectClass);
    // Listed, but not what keeps an object.
    writer.root(0x90, address.garbage);
  });
  writer.segment(() => {
    writer.heapInfo(0x41, names.heap);
    writer.primitiveArrayNoData(address.longs, t.long, longsLength);
    objects(writer, false);
    writer.heapInfo(0x49, names.heap);
    classDumps(writer);
  });
  writer.end();
  return writer;
}

/** The graph: objects by address. `null` is a null reference. */
export const knownGraph = {
  objectNames: [
    'Object.class',
    'Base.class',
    'Node.class',
    'Object[].class',
    'first',
    'second',
    'array',
    'bytes',
    'longs',
  ],
  classes: [
    { name: 'java.lang.Class', kind: 'class', fieldBytes: 0, referenceOffsets: [] },
    { name: 'test.Node', kind: 'instance', fieldBytes: 21, referenceOffsets: [0, 9] },
    { name: 'java.lang.Object[]', kind: 'object-array', fieldBytes: 0, referenceOffsets: [] },
    { name: 'byte[]', kind: 'primitive-array', fieldBytes: 0, referenceOffsets: [] },
    { name: 'long[]', kind: 'primitive-array', fieldBytes: 0, referenceOffsets: [] },
  ],
  classOf: [0, 0, 0, 0, 1, 1, 2, 3, 4],
  payloadBytes: [0, 0, 5, 0, 13, 13, 0, 10, 8 * longsLength],
  // A class object: superclass, loader, signers, protection domain, constants, statics.
  references: [
    [null, null, null, null],
    [0, null, null, null, 8],
    [1, 5, null, null, 4],
    [0, null, null, null],
    [5, 6],
    [null, 4],
    [5, null, 7],
    [],
    [],
  ],
  roots: [0, 2, 3, 4, 6],
} as const;

function namesAndClasses(writer: HprofWriter, [object, base, node, array]: readonly string[]): void {
  writer.text(names.notAClass, 'a string that names no class');
  writer.text(names.object, object);
  writer.text(names.base, base);
  writer.text(names.node, node);
  writer.text(names.array, array);
  writer.text(names.heap, 'app');
  writer.loadClass(address.objectClass, names.object);
  writer.loadClass(address.baseClass, names.base);
  writer.loadClass(address.nodeClass, names.node);
  writer.loadClass(address.arrayClass, names.array);
}

function classDumps(writer: HprofWriter): void {
  writer.class({
    id: address.nodeClass,
    superId: address.baseClass,
    loaderId: address.second,
    statics: [[t.int], [t.reference, address.first], [t.boolean]],
    fields: nodeFields,
  });
  writer.class({ id: address.objectClass });
  writer.class({
    id: address.baseClass,
    superId: address.objectClass,
    constants: [[t.reference, address.longs]],
    fields: baseFields,
  });
  writer.class({ id: address.arrayClass, superId: address.objectClass });
}

/** Not in the order of addresses: numbering must not depend on the order of the dump. */
function objects(writer: HprofWriter, withLongs = true): void {
  writer.objectArray(address.array, address.arrayClass, [address.second, 0, address.bytes]);
  writer.instance(address.second, address.nodeClass, allFields, [0, address.first]);
  writer.instance(address.garbage, address.nodeClass, allFields, [address.first, address.bytes]);
  writer.instance(address.first, address.nodeClass, allFields, [address.second, address.array]);
  if (withLongs) writer.primitiveArray(address.longs, t.long, longsLength);
  writer.primitiveArray(address.bytes, t.byte, 10);
}

function rootsOfKnownGraph(writer: HprofWriter, tag: number): void {
  for (const id of [address.objectClass, address.nodeClass, address.arrayClass, address.first, address.array]) {
    writer.root(tag, id);
  }
}
