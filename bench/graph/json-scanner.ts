import type { ByteSource } from './byte-source.js';
import { damaged } from './error.js';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openArray = 0x5b;
const closeArray = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const zero = 0x30;
const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/**
 * JSON that is larger than any string may be, read front to back: what is not asked for is passed over, and a list of
 * numbers goes straight to whoever takes them.
 */
export class JsonScanner {
  constructor(private readonly source: ByteSource) {}

  /** Byte of the file that comes next. */
  get offset(): number {
    return this.source.offset;
  }

  /** Reads an object: `take` is told each key, and must read or skip its value. */
  object(take: (key: string) => void): void {
    this.expect(openObject);
    if (this.take(closeObject)) return;
    do {
      const key = this.text(1024);
      this.expect(colon);
      take(key);
    } while (this.take(comma));
    this.expect(closeObject);
  }

  /** Reads a list of whole numbers from 0. */
  numbers(take: (value: number) => void): void {
    const { source } = this;
    this.expect(openArray);
    if (this.take(closeArray)) return;
    // Below 0: no digit yet. A gibibyte of them goes through here, so a window at a time rather than byte by byte.
    let value = -1;
    let isOver = false;
    for (;;) {
      const window = source.window();
      let done = 0;
      for (let at = 0; at < window.length; at++) {
        const byte = window[at];
        if (byte >= zero && byte <= zero + 9 && !isOver) {
          value = value < 0 ? byte - zero : value * 10 + (byte - zero);
        } else if (isSpace(byte)) {
          isOver = value >= 0;
        } else {
          // Whatever is wrong with the number is said to be here.
          source.skip(at - done);
          done = at;
          if ((byte !== comma && byte !== closeArray) || value < 0 || value > Number.MAX_SAFE_INTEGER) {
            throw this.unexpected();
          }
          take(value);
          value = -1;
          isOver = false;
          if (byte === closeArray) {
            source.skip(1);
            return;
          }
        }
      }
      source.skip(window.length - done);
    }
  }

  /** Reads a list of strings: `wanted` says of which `take` is to be told, by their places. */
  strings(wanted: (index: number) => boolean, longest: number, take: (index: number, text: string) => void): void {
    this.expect(openArray);
    if (this.take(closeArray)) return;
    let index = 0;
    do {
      if (wanted(index)) take(index, this.text(longest));
      else this.skipString();
      index++;
    } while (this.take(comma));
    this.expect(closeArray);
  }

  /** Passes over a value of any kind. */
  skip(): void {
    this.raw(undefined);
  }

  /** Reads a value as it stands; it must be no longer than `longest` bytes. */
  value(longest: number): unknown {
    const bytes: number[] = [];
    this.raw((byte) => {
      if (bytes.length === longest)
        throw this.source.error('CORRUPT', `a value of more than ${longest} bytes`, damaged);
      bytes.push(byte);
    });
    return this.parsed(Uint8Array.from(bytes));
  }

  /** Asserts that nothing but space is left. */
  end(): void {
    this.space();
    if (this.source.peek() !== undefined) throw this.unexpected();
  }

  private raw(take: ((byte: number) => void) | undefined): void {
    const { source } = this;
    this.space();
    let depth = 0;
    for (;;) {
      const byte = source.peek();
      if (byte === undefined) throw source.shortfall();
      if (byte === quote) take === undefined ? this.skipString() : this.string(take);
      else {
        // A number or a word ends at what follows it.
        if (depth === 0 && (byte === comma || byte === closeArray || byte === closeObject)) return;
        source.skip(1);
        take?.(byte);
        if (byte === openArray || byte === openObject) depth++;
        else if (byte === closeArray || byte === closeObject) depth--;
        else if (depth === 0) continue;
      }
      if (depth === 0) return;
    }
  }

  /** Reads a string; of a longer one than `longest` bytes the beginning. */
  private text(longest: number): string {
    const bytes: number[] = [];
    let isCut = false;
    this.string((byte) => {
      if (bytes.length <= longest) bytes.push(byte);
      else isCut = true;
    });
    if (!isCut) return String(this.parsed(Uint8Array.from(bytes)));
    // No escape and no character may be cut in the middle.
    let text = new TextDecoder().decode(Uint8Array.from(bytes)).replace(/\ufffd+$/, '');
    const cut = /\\(u[0-9a-fA-F]{0,3})?$/.exec(text);
    if (cut !== null && /(^|[^\\])(\\\\)*$/.test(text.slice(0, cut.index))) text = text.slice(0, cut.index);
    return `${String(this.parsed(new TextEncoder().encode(`${text}"`)))}…`;
  }

  /** Passes over a string, a window at a time: strings are the larger part of many snapshots. */
  private skipString(): void {
    const { source } = this;
    this.expect(quote);
    let isEscaped = false;
    for (;;) {
      const window = source.window();
      for (let at = 0; at < window.length; at++) {
        const byte = window[at];
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) {
          source.skip(at + 1);
          return;
        }
      }
      source.skip(window.length);
    }
  }

  /** Passes a string, quotes included, to `take`. */
  private string(take: (byte: number) => void): void {
    const { source } = this;
    this.space();
    if (source.peek() !== quote) throw this.unexpected();
    take(source.u1());
    for (let byte = source.u1(); ; byte = source.u1()) {
      take(byte);
      if (byte === quote) return;
      if (byte === backslash) take(source.u1());
    }
  }

  private parsed(bytes: Uint8Array): unknown {
    try {
      return JSON.parse(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    } catch {
      throw this.source.error('CORRUPT', 'what is no JSON', damaged);
    }
  }

  private expect(byte: number): void {
    if (!this.take(byte)) throw this.unexpected();
  }

  /** Steps over `byte` if it is what comes next, space aside. */
  private take(byte: number): boolean {
    this.space();
    if (this.source.peek() !== byte) return false;
    this.source.skip(1);
    return true;
  }

  private space(): void {
    for (let byte = this.source.peek(); byte !== undefined && isSpace(byte); byte = this.source.peek()) {
      this.source.skip(1);
    }
  }

  private unexpected(): Error {
    const { source } = this;
    const byte = source.peek();
    if (byte === undefined) return source.shortfall();
    return source.error('CORRUPT', `JSON with 0x${byte.toString(16)} where it makes no sense`, damaged);
  }
}
