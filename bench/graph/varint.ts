/** Numbers 0 … 2^32-1 in groups of 7 bits, the lowest first; all bytes but a number's last have their top bit set. */

const longest = 5;

export class VarintWriter {
  private buffer = new Uint8Array(1 << 16);
  private length = 0;

  varint(value: number): void {
    this.reserve(longest);
    let rest = value;
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.buffer[this.length++] = rest;
  }

  /** Length in bytes, then UTF-8. */
  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.varint(bytes.length);
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** What was written, without a copy. */
  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + bytes));
    larger.set(this.bytes);
    this.buffer = larger;
  }
}

export class VarintReader {
  private at = 0;

  /** @param fail makes the error to throw, from what is wrong and the byte where */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly fail: (what: string, offset: number) => Error,
  ) {}

  get remaining(): number {
    return this.bytes.length - this.at;
  }

  varint(): number {
    let byte = this.next();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      byte = this.next();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    byte = this.next();
    if (byte > 0x0f) throw this.error('a number above 2^32');
    return ((value >>> 0) | (byte << 28)) >>> 0;
  }

  /** A number that must be less than `bound`; `what` names it in the error. */
  below(bound: number, what: string): number {
    const value = this.varint();
    if (value >= bound) throw this.error(`${what} ${value} is not below ${bound}`);
    return value;
  }

  text(): string {
    const length = this.varint();
    if (length > this.remaining) throw this.error('a text longer than the file');
    this.at += length;
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes.subarray(this.at - length, this.at));
  }

  error(what: string): Error {
    return this.fail(what, this.at);
  }

  private next(): number {
    if (this.at >= this.bytes.length) throw this.error('the contents end too early');
    return this.bytes[this.at++];
  }
}

/** Signed to unsigned, small to small: 0 -1 1 -2 2 … → 0 1 2 3 4 …; for differences below 2^31. */
export function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0;
}

export function unzigzag(value: number): number {
  return (value >>> 1) ^ -(value & 1);
}
