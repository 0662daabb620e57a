/** Numbers of the HPROF format: OpenJDK's heapDumper.cpp, and art/runtime/hprof/hprof.cc for Android's additions. */

/** Records of the file. Any other may be skipped by its length. */
export const recordTag = { text: 0x01, loadClass: 0x02, heapDump: 0x0c, heapDumpSegment: 0x1c, heapDumpEnd: 0x2c };

/** All that there are: unloaded classes, frames, traces, sites, summaries, threads, samples and settings as well. */
export const recordTags: ReadonlySet<number> = new Set([
  ...Object.values(recordTag),
  ...[0x03, 0x04, 0x05, 0x06, 0x07, 0x0a, 0x0b, 0x0d, 0x0e],
]);

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
  /** Whether only Android has it. Tools write Android's heaps under a JVM's version as well. */
  readonly android: boolean;
}

const root = (name: string, bytes = 0, ids = 0): RootTraits => ({ name, bytes, ids, keeps: true, android: false });
const androidRoot = (name: string, bytes = 0): RootTraits => ({ ...root(name, bytes), android: true });

export const stickyClassTag = 0x05;

export const anyRoots: ReadonlyMap<number, RootTraits> = new Map([
  [0xff, root('unknown')],
  [0x01, root('JNI global', 0, 1)],
  [0x02, root('JNI local', 8)],
  [0x03, root('Java frame', 8)],
  [0x04, root('native stack', 4)],
  [stickyClassTag, root('sticky class')],
  [0x06, root('thread block', 4)],
  [0x07, root('monitor used')],
  [0x08, root('thread object', 8)],
  [0x89, androidRoot('interned string')],
  [0x8a, androidRoot('finalizing')],
  [0x8b, androidRoot('debugger')],
  [0x8c, androidRoot('reference cleanup')],
  [0x8d, androidRoot('VM internal')],
  [0x8e, androidRoot('JNI monitor', 8)],
  [0x90, { ...androidRoot('unreachable'), keeps: false }],
]);

/** All that a record inside a heap can begin with. */
export const heapTags: ReadonlySet<number> = new Set([...Object.values(heapTag), ...anyRoots.keys()]);

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
