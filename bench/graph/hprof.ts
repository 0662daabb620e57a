import { ByteSource } from './byte-source.js';
import {
  androidRoots,
  heapTag,
  primitiveTypes,
  type RootTraits,
  recordTag,
  referenceTypes,
  standardRoots,
} from './hprof-tags.js';

/** What `HprofReader.next` found. */
export const item = {
  end: 0,
  text: 1,
  className: 2,
  root: 3,
  class: 4,
  instance: 5,
  objectArray: 6,
  primitiveArray: 7,
} as const;
export type Item = (typeof item)[keyof typeof item];

/** A class as dumped. Ids are 0 where there is none. */
export interface DumpedClass {
  readonly id: number;
  readonly superId: number;
  /** Ids the class object itself refers to: superclass, loader, signers, protection domain, constants, statics. */
  readonly references: readonly number[];
  /** Bytes of its primitive statics. */
  readonly staticBytes: number;
  /** Types of the fields it declares, in the order of an instance's data, which goes on with the superclass's. */
  readonly fieldTypes: Uint8Array;
}

const longestMagic = 32;
const longestText = 0xffff;
const versions: ReadonlyMap<string, { readonly android: boolean }> = new Map([
  ['JAVA PROFILE 1.0.1', { android: false }],
  ['JAVA PROFILE 1.0.2', { android: false }],
  ['JAVA PROFILE 1.0.3', { android: true }],
]);
const damaged = 'the file is damaged: make it again';

/**
 * Reads an HPROF heap dump front to back, of a JVM (1.0.1, 1.0.2) or of Android (1.0.3), with 4- or 8-byte ids.
 *
 * A cursor: `next()` steps to the next thing of interest and the public fields say what it is; `text`, `readId` and
 * `skip` read its body, of which anything may be left unread. Memory is one chunk, whatever the file's size.
 * Every method throws `GraphError`. Format: the HPROF manual of JDK 6 and hprof-tags.ts.
 */
export class HprofReader {
  /** `JAVA PROFILE 1.0.2`, for example. */
  readonly version: string;
  /** Bytes of an id: 4 or 8. */
  readonly idBytes: 4 | 8;

  /** Of the thing `next` found: the object, class, string or root's target. */
  id = 0;
  /** Class of an instance or object array. */
  classId = 0;
  /** String with a class's name. */
  nameId = 0;
  /** Bytes of a text or an instance's data; elements of an array. */
  length = 0;
  /** Type code of a primitive array's elements. */
  elementType = 0;
  /** Whether a root keeps its object. */
  keeps = false;
  class: DumpedClass | undefined;

  private readonly source: ByteSource;
  private readonly roots: ReadonlyMap<number, RootTraits>;
  private readonly android: boolean;
  private bodyEnd: number;
  private inHeap = false;
  private sawHeap = false;
  /** Segments are closed by an end record; without it the file was cut at a record's boundary. */
  private awaitsEnd = false;

  /** @param chunkBytes memory to read through; tests make it small */
  constructor(path: string, chunkBytes?: number) {
    this.source = new ByteSource(path, chunkBytes);
    try {
      const { version, android, idBytes } = this.header();
      this.version = version;
      this.android = android;
      this.idBytes = idBytes;
      this.roots = android ? new Map([...standardRoots, ...androidRoots]) : standardRoots;
      this.bodyEnd = this.source.offset;
    } catch (error) {
      this.source.close();
      throw error;
    }
  }

  get path(): string {
    return this.source.path;
  }

  /** Bytes read or skipped so far, and of the whole file. */
  get offset(): number {
    return this.source.offset;
  }

  get size(): number {
    return this.source.size;
  }

  close(): void {
    this.source.close();
  }

  /** Steps over the rest of the current thing to the next one. */
  next(): Item {
    this.source.seek(this.bodyEnd);
    for (;;) {
      const found = this.inHeap ? this.nextInHeap() : this.nextRecord();
      if (found !== undefined) return found;
    }
  }

  /** The current text, in UTF-8 (Java's modified form of it differs only in NUL and in pairs of surrogates). */
  text(): string {
    if (this.length > longestText) throw this.corrupt('a class name longer than any class file can hold');
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.source.bytes(this.length));
  }

  /** Next id of the current body. */
  readId(): number {
    return this.idBytes === 8 ? this.source.u8() : this.source.u4();
  }

  /** Steps over bytes of the current body. */
  skip(bytes: number): void {
    this.source.skip(bytes);
  }

  /** A `CORRUPT` error where the reader is. */
  corrupt(what: string): Error {
    return this.source.error('CORRUPT', what, damaged);
  }

  private header(): { version: string; android: boolean; idBytes: 4 | 8 } {
    const { source } = this;
    const notOurs = 'give a heap dump made by jcmd GC.heap_dump, or by Android';
    const magic: number[] = [];
    let terminated = false;
    while (!terminated && magic.length < longestMagic && source.remaining > 0) {
      const byte = source.u1();
      if (byte === 0) terminated = true;
      else magic.push(byte);
    }
    if (source.size === 0) throw source.error('FOREIGN', 'an empty file', notOurs, 0);
    if (magic[0] === 0x1f && magic[1] === 0x8b) {
      throw source.error('UNSUPPORTED', 'a gzip-compressed file', 'decompress it with gunzip first', 0);
    }
    const version = String.fromCharCode(...magic);
    const traits = terminated ? versions.get(version) : undefined;
    if (traits === undefined) {
      if (!terminated && [...versions.keys()].some((known) => known.startsWith(version))) throw source.shortfall();
      throw source.error('FOREIGN', 'not an HPROF heap dump (no "JAVA PROFILE 1.0.1", "1.0.2" or "1.0.3")', notOurs, 0);
    }
    const idOffset = source.offset;
    const idBytes = source.u4();
    if (idBytes !== 4 && idBytes !== 8) {
      throw source.error('CORRUPT', `ids of ${idBytes} bytes instead of 4 or 8`, damaged, idOffset);
    }
    source.skip(8);
    return { version, android: traits.android, idBytes };
  }

  private nextRecord(): Item | undefined {
    const { source } = this;
    source.setLimit();
    if (source.remaining === 0) return this.finish();
    const tag = source.u1();
    source.skip(4);
    const length = source.u4();
    if (length > source.remaining) throw source.shortfall();
    const end = source.offset + length;
    source.setLimit(end);
    this.bodyEnd = end;
    switch (tag) {
      case recordTag.text:
        this.id = this.readId();
        this.length = source.remaining;
        return item.text;
      case recordTag.loadClass:
        source.skip(4);
        this.id = this.readId();
        source.skip(4);
        this.nameId = this.readId();
        return item.className;
      case recordTag.heapDump:
      case recordTag.heapDumpSegment:
        this.inHeap = true;
        this.sawHeap = true;
        this.awaitsEnd = tag === recordTag.heapDumpSegment;
        return undefined;
      case recordTag.heapDumpEnd:
        this.awaitsEnd = false;
        break;
    }
    source.seek(end);
    return undefined;
  }

  private finish(): Item {
    const { source } = this;
    if (this.awaitsEnd) {
      throw source.error('TRUNCATED', 'the file ends before the heap does', 'it was cut short: make or copy it again');
    }
    if (!this.sawHeap) {
      throw source.error(
        'TRUNCATED',
        'the file holds no heap dump',
        'it was cut short, or is a profile: dump the heap again',
      );
    }
    return item.end;
  }

  private nextInHeap(): Item | undefined {
    const { source } = this;
    if (source.remaining === 0) {
      this.inHeap = false;
      return undefined;
    }
    const tagOffset = source.offset;
    const tag = source.u1();
    switch (tag) {
      case heapTag.instance:
        this.id = this.readId();
        source.skip(4);
        this.classId = this.readId();
        this.length = source.u4();
        return this.body(item.instance, this.length);
      case heapTag.objectArray:
        this.id = this.readId();
        source.skip(4);
        this.length = source.u4();
        this.classId = this.readId();
        return this.body(item.objectArray, this.length * this.idBytes);
      case heapTag.primitiveArray:
        return this.body(item.primitiveArray, this.primitiveArray());
      case heapTag.classDump:
        this.class = this.classDump();
        this.id = this.class.id;
        return this.body(item.class, 0);
    }
    const root = this.roots.get(tag);
    if (root !== undefined) {
      this.id = this.readId();
      this.keeps = root.keeps;
      return this.body(item.root, root.bytes + root.ids * this.idBytes);
    }
    if (this.android && tag === heapTag.androidHeapInfo) {
      source.skip(4 + this.idBytes);
      return undefined;
    }
    if (this.android && tag === heapTag.androidPrimitiveArrayNoData) {
      this.primitiveArray();
      return this.body(item.primitiveArray, 0);
    }
    throw source.error('CORRUPT', `0x${tag.toString(16)} is no kind of object or root`, damaged, tagOffset);
  }

  /** Notes where the body ends, and that the record holds it. */
  private body(found: Item, bytes: number): Item {
    const { source } = this;
    if (bytes > source.remaining) throw source.shortfall();
    this.bodyEnd = source.offset + bytes;
    return found;
  }

  /** Reads a primitive array's head; bytes of its elements. */
  private primitiveArray(): number {
    const { source } = this;
    this.id = this.readId();
    source.skip(4);
    this.length = source.u4();
    this.elementType = source.u1();
    return this.length * this.primitiveBytes(this.elementType);
  }

  private primitiveBytes(type: number): number {
    const primitive = primitiveTypes.get(type);
    if (primitive === undefined) throw this.corrupt(`${type} is no primitive type`);
    return primitive.bytes;
  }

  private classDump(): DumpedClass {
    const { source } = this;
    const id = this.readId();
    source.skip(4);
    const superId = this.readId();
    const references = [superId, this.readId(), this.readId(), this.readId()];
    // Two reserved ids; the instance's size in the dumped runtime, which is not ours.
    source.skip(2 * this.idBytes + 4);
    let staticBytes = 0;
    for (let constants = source.u2(); constants > 0; constants--) {
      source.skip(2);
      staticBytes += this.value(references);
    }
    for (let statics = source.u2(); statics > 0; statics--) {
      source.skip(this.idBytes);
      staticBytes += this.value(references);
    }
    const fieldTypes = new Uint8Array(source.u2());
    for (let i = 0; i < fieldTypes.length; i++) {
      source.skip(this.idBytes);
      fieldTypes[i] = source.u1();
      if (!referenceTypes.has(fieldTypes[i])) this.primitiveBytes(fieldTypes[i]);
    }
    return { id, superId, references, staticBytes, fieldTypes };
  }

  /** Reads a typed value: a reference into `references`, bytes of a primitive as the result. */
  private value(references: number[]): number {
    const type = this.source.u1();
    if (referenceTypes.has(type)) {
      references.push(this.readId());
      return 0;
    }
    const bytes = this.primitiveBytes(type);
    this.source.skip(bytes);
    return bytes;
  }
}
