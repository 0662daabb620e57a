import { ByteSource, type OpenFile } from './byte-source.js';
import { damaged } from './error.js';
import { type DumpedClass, primitiveBytes, readClass } from './hprof-class.js';
import { readHeader } from './hprof-header.js';
import { anyRoots, heapTag, heapTags, recordTag, recordTags } from './hprof-tags.js';

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

export interface HprofOptions {
  /** Memory to read through; tests make it small. */
  readonly chunkBytes?: number | undefined;
  /** Which of the file's dumps is read, from 1; agents write several into one file. */
  readonly dump?: number | undefined;
  /** Reads primitive arrays as heads without elements: what tools leave that strip contents in place. */
  readonly stripped?: boolean | undefined;
}

const longestText = 0xffff;
/** Tag, time, length. */
const recordHeadBytes = 9;
const cutShort = 'it was cut short: make or copy it again';

/**
 * Reads an HPROF heap dump front to back, of a JVM (1.0.1, 1.0.2) or of Android (1.0.3), with 4- or 8-byte ids.
 *
 * A cursor: `next()` steps to the next thing of interest and the public fields say what it is; `text`, `readId` and
 * `skip` read its body, of which anything may be left unread. Memory is one chunk, whatever the file's size.
 * Every method throws `GraphError`. Format: the HPROF manual of JDK 6 and hprof-tags.ts.
 *
 * A heap's record ends where its objects do, whatever its length says: old tools write it too short, too long or modulo
 * 2^32. It is believed where it agrees.
 */
export class HprofReader {
  /** `JAVA PROFILE 1.0.2`, for example. */
  readonly version: string;
  /** Bytes of an id: 4 or 8. */
  readonly idBytes: 4 | 8;
  /** Android's by its version, or by what was found so far. */
  android: boolean;

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
  /** Tag of a root, and whether it keeps its object. */
  rootTag = 0;
  keeps = false;
  class: DumpedClass | undefined;
  /** Dumps found so far, the one that is read or skipped included. */
  dumps = 0;
  /** Heap records found so far whose length was wrong. */
  wrongLengths = 0;
  /** Primitive arrays found so far whose elements are not in the file, when it is read as stripped. */
  strippedArrays = 0;

  private readonly source: ByteSource;
  private readonly dump: number;
  private readonly stripped: boolean;
  private bodyEnd: number;
  private inHeap = false;
  /** Where the heap's record says that it ends. */
  private heapEnd = 0;
  /** Where what crossed that end begins; the record then goes on until another begins. */
  private crossedAt: number | undefined;
  /** Segments are closed by an end record; without it the file was cut at a record's boundary. */
  private awaitsEnd = false;

  constructor(file: OpenFile, { chunkBytes, dump = 1, stripped = false }: HprofOptions = {}) {
    this.source = new ByteSource(file, chunkBytes);
    const { version, android, idBytes } = readHeader(this.source);
    this.version = version;
    this.android = android;
    this.idBytes = idBytes;
    this.dump = dump;
    this.stripped = stripped;
    this.bodyEnd = this.source.offset;
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

  /** Whether the dump that is read is over: names that follow are another's. */
  get isOver(): boolean {
    return this.dumps > this.dump || (this.dumps === this.dump && !this.inHeap && !this.awaitsEnd);
  }

  /** Steps over the rest of the current thing to the next one. */
  next(): Item {
    for (;;) {
      this.source.seek(this.bodyEnd);
      const found = this.inHeap ? this.nextInHeap() : this.nextRecord();
      if (found === undefined || (this.inHeap && this.dumps !== this.dump)) continue;
      return found;
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

  private nextRecord(): Item | undefined {
    const { source } = this;
    source.setLimit();
    const tag = source.peek();
    if (tag === undefined) return this.finish();
    if (tag === 0) {
      const at = source.offset;
      if (source.zerosToEnd()) return this.finish();
      throw source.error('CORRUPT', '0x0 is no kind of record', damaged, at);
    }
    source.skip(1 + 4);
    const length = source.u4();
    if (tag === recordTag.heapDump || tag === recordTag.heapDumpSegment) {
      this.beginHeap(tag, length);
      return undefined;
    }
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
      case recordTag.heapDumpEnd:
        this.awaitsEnd = false;
        break;
    }
    return undefined;
  }

  private beginHeap(tag: number, length: number): void {
    const { source } = this;
    // Segments that follow each other without an end between them are one dump.
    if (tag === recordTag.heapDump || !this.awaitsEnd) this.dumps++;
    this.awaitsEnd = tag === recordTag.heapDumpSegment;
    this.inHeap = true;
    this.bodyEnd = source.offset;
    this.heapEnd = source.offset + length;
    this.crossedAt = undefined;
    // What is too long for a record that the file holds in full is damaged; otherwise the file may be cut. A length of
    // nothing was to be filled in at the end, which a dumper that was ended did not come to.
    source.setLimit(length > 0 && this.heapEnd <= source.size ? source.size : undefined);
  }

  private finish(): Item {
    const { source } = this;
    if (this.awaitsEnd) throw source.error('TRUNCATED', 'the file ends before the heap does', cutShort);
    if (this.dumps === 0) {
      const hint = 'it was cut short, or is a profile: dump the heap again';
      throw source.error('TRUNCATED', 'the file holds no heap dump', hint);
    }
    if (this.dumps < this.dump) {
      const hint = this.dumps === 1 ? 'leave --dump out' : `give --dump a number from 1 to ${this.dumps}`;
      throw source.error('UNSUPPORTED', `the file holds ${counted(this.dumps)}, not ${this.dump}`, hint, 0);
    }
    return item.end;
  }

  /** Whether the heap's record is over, by what follows and by its length. */
  private heapIsOver(): boolean {
    const { source } = this;
    const tag = source.peek();
    if (tag === undefined) {
      if (this.heapEnd > source.size) throw source.shortfall();
      return true;
    }
    const early = this.crossedAt === undefined && source.offset < this.heapEnd;
    // Nearly always; no record begins so.
    if (early && tag >= heapTag.classDump && tag <= heapTag.primitiveArray) return false;
    if (recordTags.has(tag) && !heapTags.has(tag) && this.isRecordHead(tag)) {
      if (early) this.wrongLengths++;
      return true;
    }
    if (this.crossedAt !== undefined || early) return false;
    // The length is used up. What no record can begin with is another object.
    if (!heapTags.has(tag) || this.isRecordHead(tag)) return true;
    this.cross(source.offset);
    return false;
  }

  /** Whether a record may begin here: its length is one that the file can hold. */
  private isRecordHead(tag: number): boolean {
    const { source } = this;
    if (!recordTags.has(tag) || source.size - source.offset < recordHeadBytes) return false;
    let length = 0;
    for (let at = recordHeadBytes - 4; at < recordHeadBytes; at++) length = length * 256 + (source.peek(at) ?? 0);
    if (tag === recordTag.heapDumpEnd) return length === 0;
    // A heap's length may be wrong once more.
    if (tag === recordTag.heapDump || tag === recordTag.heapDumpSegment) return true;
    return length <= source.size - source.offset - recordHeadBytes;
  }

  private cross(offset: number): void {
    this.wrongLengths++;
    this.crossedAt = offset;
  }

  private nextInHeap(): Item | undefined {
    const { source } = this;
    if (this.heapIsOver()) {
      this.inHeap = false;
      return undefined;
    }
    const tagOffset = source.offset;
    const found = this.inHeapItem(source.u1(), tagOffset);
    if (this.crossedAt === undefined && this.bodyEnd > this.heapEnd) this.cross(tagOffset);
    return found;
  }

  private inHeapItem(tag: number, tagOffset: number): Item | undefined {
    const { source } = this;
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
        this.class = readClass(source, this.idBytes);
        this.id = this.class.id;
        return this.body(item.class, 0);
    }
    const root = anyRoots.get(tag);
    if (root !== undefined) {
      if (root.android) this.android = true;
      this.id = this.readId();
      this.rootTag = tag;
      this.keeps = root.keeps;
      return this.body(item.root, root.bytes + root.ids * this.idBytes);
    }
    if (tag === heapTag.androidHeapInfo) {
      this.android = true;
      source.skip(4 + this.idBytes);
      this.bodyEnd = source.offset;
      return undefined;
    }
    if (tag === heapTag.androidPrimitiveArrayNoData) {
      this.android = true;
      this.primitiveArray();
      return this.body(item.primitiveArray, 0);
    }
    if (this.crossedAt !== undefined) {
      throw source.error('CORRUPT', 'a length runs past the end of its record', damaged, this.crossedAt);
    }
    throw source.error('CORRUPT', `0x${tag.toString(16)} is no kind of object or root`, damaged, tagOffset);
  }

  /** Notes where the body ends, and that the file holds it. */
  private body(found: Item, bytes: number): Item {
    const { source } = this;
    if (bytes > source.remaining) throw source.shortfall();
    this.bodyEnd = source.offset + bytes;
    return found;
  }

  /** Reads a primitive array's head; bytes of its elements that are in the file. */
  private primitiveArray(): number {
    const { source } = this;
    this.id = this.readId();
    source.skip(4);
    this.length = source.u4();
    this.elementType = source.u1();
    const bytes = this.length * primitiveBytes(source, this.elementType);
    if (!this.stripped) return bytes;
    if (bytes > 0) this.strippedArrays++;
    return 0;
  }
}

function counted(dumps: number): string {
  return dumps === 1 ? '1 dump' : `${dumps} dumps`;
}
