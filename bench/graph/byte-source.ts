import { readSync } from 'node:fs';
import { GraphError, type GraphErrorCode, systemReason } from './error.js';

const defaultChunkBytes = 1 << 20;
/** No primitive read or peek is longer than this, so a chunk never has to be. */
const smallestChunkBytes = 16;
const two32 = 2 ** 32;
/** Above this the upper half of an 8-byte id no longer fits a double exactly. */
const largestIdHigh = 0x1f_ffff;

/** A file that is open for reading at any place. */
export interface OpenFile {
  readonly name: string;
  readonly fd: number;
  readonly size: number;
}

/**
 * A file read forwards in big-endian units, through one chunk of memory however long its records are.
 *
 * No read may cross the end of the enclosing record (`setLimit`), so that a length that lies is found where it lies.
 * Every read throws `GraphError` (`TRUNCATED` at the end of the file, `CORRUPT` at that of a record).
 */
export class ByteSource {
  /** The file's name, for errors. */
  readonly path: string;
  readonly size: number;
  private readonly fd: number;
  private readonly chunk: Uint8Array;
  private readonly data: DataView;
  /** File offset of `chunk[0]`. */
  private base = 0;
  /** Next byte to read, in `chunk`. */
  private at = 0;
  /** Bytes of `chunk` that are from the file. */
  private filled = 0;
  /** The lesser of `filled` and the limit: the only thing the fast path compares with. */
  private readable = 0;
  private limitOffset: number;
  private inRecord = false;

  /** @param file stays open, and is closed by whoever opened it */
  constructor(file: OpenFile, chunkBytes: number = defaultChunkBytes) {
    this.chunk = new Uint8Array(Math.max(chunkBytes, smallestChunkBytes));
    this.data = new DataView(this.chunk.buffer);
    this.path = file.name;
    this.fd = file.fd;
    this.size = file.size;
    this.limitOffset = file.size;
  }

  get offset(): number {
    return this.base + this.at;
  }

  /** Bytes to go to the limit. */
  get remaining(): number {
    return this.limitOffset - this.offset;
  }

  /** Lets no read cross `offset`, the end of a record that the file holds in full; without it, the end of the file. */
  setLimit(offset?: number): void {
    this.inRecord = offset !== undefined;
    this.limitOffset = offset ?? this.size;
    this.readable = Math.min(this.filled, this.limitOffset - this.base);
  }

  u1(): number {
    if (this.at + 1 > this.readable) this.refill(1);
    return this.chunk[this.at++];
  }

  u2(): number {
    if (this.at + 2 > this.readable) this.refill(2);
    const value = this.data.getUint16(this.at);
    this.at += 2;
    return value;
  }

  u4(): number {
    if (this.at + 4 > this.readable) this.refill(4);
    const value = this.data.getUint32(this.at);
    this.at += 4;
    return value;
  }

  u8(): number {
    if (this.at + 8 > this.readable) this.refill(8);
    const high = this.data.getUint32(this.at);
    if (high > largestIdHigh) {
      throw this.error(
        'UNSUPPORTED',
        'an object id above 2^53',
        'dump it with another collector (-XX:+UseG1GC), whose addresses are smaller',
      );
    }
    const value = high * two32 + this.data.getUint32(this.at + 4);
    this.at += 8;
    return value;
  }

  /** The byte `ahead` of the next, without a step; undefined where the limit is before it. `ahead` is below 16. */
  peek(ahead = 0): number | undefined {
    if (this.at + ahead >= this.readable) {
      if (ahead >= this.remaining) return undefined;
      this.refill(ahead + 1);
    }
    return this.chunk[this.at + ahead];
  }

  /** The bytes that can be had without reading more, one at the least; a step is taken by `skip`. */
  window(): Uint8Array {
    if (this.at >= this.readable) this.refill(1);
    return this.chunk.subarray(this.at, this.readable);
  }

  skip(bytes: number): void {
    if (this.at + bytes <= this.readable) this.at += bytes;
    else this.seek(this.offset + bytes);
  }

  /** Goes on at `offset`, never back. What is skipped is not read from the file. */
  seek(offset: number): void {
    if (offset > this.limitOffset) throw this.shortfall();
    const inChunk = offset - this.base;
    if (inChunk <= this.filled) {
      this.at = inChunk;
      return;
    }
    this.base = offset;
    this.at = 0;
    this.filled = 0;
    this.readable = 0;
  }

  /** Reads zeros to the end, as they stand behind files that were copied in whole blocks; false: there is something else. */
  zerosToEnd(): boolean {
    while (this.remaining > 0) {
      if (this.at >= this.readable) this.refill(1);
      if (this.chunk.subarray(this.at, this.readable).some((byte) => byte !== 0)) return false;
      this.at = this.readable;
    }
    return true;
  }

  /** `length` bytes as a copy; the caller bounds `length`. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw this.shortfall();
    const copy = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      if (this.at >= this.readable) this.refill(1);
      const part = Math.min(length - done, this.readable - this.at);
      copy.set(this.chunk.subarray(this.at, this.at + part), done);
      this.at += part;
      done += part;
    }
    return copy;
  }

  /** An error at `offset`, by default the next byte to read. */
  error(code: GraphErrorCode, what: string, hint: string, offset: number = this.offset): GraphError {
    return new GraphError(code, what, { path: this.path, offset }, hint);
  }

  /** What to throw when a length asks for more than there is. */
  shortfall(): GraphError {
    if (this.inRecord) {
      return this.error('CORRUPT', 'a length runs past the end of its record', 'the file is damaged: make it again');
    }
    return this.error(
      'TRUNCATED',
      'the file ends in the middle of a record',
      'it was cut short: make or copy it again',
    );
  }

  /** Brings at least `bytes` unread bytes into the chunk. */
  private refill(bytes: number): void {
    if (bytes > this.remaining) throw this.shortfall();
    this.chunk.copyWithin(0, this.at, this.filled);
    this.base += this.at;
    this.filled -= this.at;
    this.at = 0;
    while (this.filled < bytes) {
      const got = this.readAt(this.filled, this.base + this.filled);
      if (got === 0) throw this.error('TRUNCATED', 'the file became shorter', 'leave it alone while it is read');
      this.filled += got;
    }
    this.readable = Math.min(this.filled, this.limitOffset - this.base);
  }

  private readAt(index: number, position: number): number {
    try {
      return readSync(this.fd, this.chunk, index, this.chunk.length - index, position);
    } catch (error) {
      const place = { path: this.path, offset: position };
      throw new GraphError('UNREADABLE', systemReason(error), place, 'check the disk it is on', { cause: error });
    }
  }
}
