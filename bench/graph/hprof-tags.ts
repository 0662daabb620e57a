/** Numbers of the HPROF format: OpenJDK's heapDumper.cpp, and art/runtime/hprof/hprof.cc for Android's additions. */

/** Records of the file. Any other may be skipped by its length. */
export const recordTag = { text: 0x01, loadClass: 0x02, heapDump: 0x0c, heapDumpSegment: 0x1c, heapDumpEnd: 0x2c };

/** Records inside a heap dump, other than roots. They have no length of their own: an unknown one ends the reading. */
export const heapTag = {
  classDump: 0x20,
  instance: 0x21,
  objectArray: 0x22,
  primitiveArray: 0x23,
  androidPrimitiveArrayNoData: 0xc3,
  androidHeapInfo: 0xfe,
};

/** A kind of root: what follows the object's id, and whether it really keeps the object. */
export interface RootTraits {
  readonly name: string;
  /** Bytes after the object's id, besides `ids` further ids. */
  readonly bytes: number;
  readonly ids: number;
  /** False for what is listed without being a root. */
  readonly keeps: boolean;
}

const root = (name: string, bytes = 0, ids = 0, keeps = true): RootTraits => ({ name, bytes, ids, keeps });

export const standardRoots: ReadonlyMap<number, RootTraits> = new Map([
  [0xff, root('unknown')],
  [0x01, root('JNI global', 0, 1)],
  [0x02, root('JNI local', 8)],
  [0x03, root('Java frame', 8)],
  [0x04, root('native stack', 4)],
  [0x05, root('sticky class')],
  [0x06, root('thread block', 4)],
  [0x07, root('monitor used')],
  [0x08, root('thread object', 8)],
]);

export const androidRoots: ReadonlyMap<number, RootTraits> = new Map([
  [0x89, root('interned string')],
  [0x8a, root('finalizing')],
  [0x8b, root('debugger')],
  [0x8c, root('reference cleanup')],
  [0x8d, root('VM internal')],
  [0x8e, root('JNI monitor', 8)],
  [0x90, root('unreachable', 0, 0, false)],
]);

/** Type of a field that holds a reference; 1 is what old dumps write for arrays. */
export const referenceTypes: ReadonlySet<number> = new Set([1, 2]);

/** Primitive types: code → name and bytes. */
export const primitiveTypes: ReadonlyMap<number, { readonly name: string; readonly bytes: number }> = new Map([
  [4, { name: 'boolean', bytes: 1 }],
  [5, { name: 'char', bytes: 2 }],
  [6, { name: 'float', bytes: 4 }],
  [7, { name: 'double', bytes: 8 }],
  [8, { name: 'byte', bytes: 1 }],
  [9, { name: 'short', bytes: 2 }],
  [10, { name: 'int', bytes: 4 }],
  [11, { name: 'long', bytes: 8 }],
]);
