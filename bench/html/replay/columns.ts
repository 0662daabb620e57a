/**
 * Tables of whole numbers as bytes: column after column, each value as the difference to the one before it, zigzag and
 * in groups of seven bits. Neighbouring pages and close times become bytes that repeat, which deflate then removes.
 */

/** Columns of the same length. Values are whole numbers between -2^51 and 2^51. */
export type Table<Name extends string> = Readonly<Record<Name, Float64Array>>;

const firstBytes = 1024;

/** Bytes of tables written one after the other. */
export class TableWriter {
  #bytes = new Uint8Array(firstBytes);
  #length = 0;

  /** Writes the columns in the order of `names`, which the reader must be given again. */
  write<Name extends string>(table: Table<Name>, names: readonly Name[]): void {
    this.#unsigned(table[names[0]].length);
    for (const name of names) {
      let before = 0;
      for (const value of table[name]) {
        const step = value - before;
        this.#unsigned(step < 0 ? -2 * step - 1 : 2 * step);
        before = value;
      }
    }
  }

  /** What has been written; no copy. */
  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #unsigned(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#length++] = (rest % 128) | 128;
    this.#bytes[this.#length++] = rest;
  }

  #grow(): void {
    const more = new Uint8Array(this.#bytes.length * 2);
    more.set(this.#bytes);
    this.#bytes = more;
  }
}

/** Reads tables in the order in which they were written. */
export class TableReader {
  #at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** @throws RangeError where the bytes end too early. */
  read<Name extends string>(names: readonly Name[]): Table<Name> {
    const length = this.#unsigned();
    if (length > this.bytes.length) throw new RangeError('the table is longer than its bytes');
    const columns = names.map((name) => [name, this.#column(length)] as const);
    return Object.fromEntries(columns) as Record<Name, Float64Array>;
  }

  #column(length: number): Float64Array {
    const column = new Float64Array(length);
    let value = 0;
    for (let i = 0; i < length; i++) {
      const step = this.#unsigned();
      value += step % 2 === 1 ? -(step + 1) / 2 : step / 2;
      column[i] = value;
    }
    return column;
  }

  #unsigned(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      if (this.#at >= this.bytes.length) throw new RangeError('the table ends too early');
      const byte = this.bytes[this.#at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
}
