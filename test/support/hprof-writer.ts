/** Writes HPROF heap dumps, as a JVM or Android does, for tests. Nothing is checked: tests also need dumps that lie. */

export type HprofVersion = '1.0.1' | '1.0.2' | '1.0.3';

/** Type codes of fields and array elements. */
export const hprofType = {
  reference: 2,
  boolean: 4,
  char: 5,
  float: 6,
  double: 7,
  byte: 8,
  short: 9,
  int: 10,
  long: 11,
} as const;

const typeBytes: readonly number[] = [0, 0, 0, 0, 1, 2, 4, 8, 1, 2, 4, 8];

export interface ClassToDump {
  readonly id: number;
  readonly superId?: number;
  readonly loaderId?: number;
  /** Type and, for a reference, its target. */
  readonly statics?: readonly (readonly [type: number, target?: number])[];
  readonly constants?: readonly (readonly [type: number, target?: number])[];
  /** Types of the fields that the class declares. */
  readonly fields?: readonly number[];
}

export class HprofWriter {
  private readonly bytesWritten: number[] = [];
  /** Where records and parts of records end, ascending. */
  readonly boundaries: number[] = [];

  constructor(
    version: HprofVersion,
    readonly idBytes: 4 | 8,
  ) {
    for (const character of `JAVA PROFILE ${version}`) this.u1(character.charCodeAt(0));
    this.u1(0);
    this.u4(idBytes);
    this.u4(0);
    this.u4(0);
    this.boundary();
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.bytesWritten);
  }

  text(id: number, value: string): void {
    const encoded = new TextEncoder().encode(value);
    this.record(0x01, () => {
      this.id(id);
      for (const byte of encoded) this.u1(byte);
    });
  }

  loadClass(classId: number, nameId: number): void {
    this.record(0x02, () => {
      this.u4(1);
      this.id(classId);
      this.u4(0);
      this.id(nameId);
    });
  }

  /** Any record: its body is what `body` writes, unless `length` lies about it, or is off by `lengthOff`. */
  record(tag: number, body: () => void, length?: number, lengthOff = 0): void {
    this.u1(tag);
    this.u4(0);
    const at = this.bytesWritten.length;
    this.u4(0);
    body();
    const actual = this.bytesWritten.length - at - 4;
    for (const [index, byte] of bigEndian(length ?? actual + lengthOff, 4).entries())
      this.bytesWritten[at + index] = byte;
    this.boundary();
  }

  heapDump(body: () => void): void {
    this.record(0x0c, body);
  }

  segment(body: () => void): void {
    this.record(0x1c, body);
  }

  end(): void {
    this.record(0x2c, () => undefined);
  }

  /** A root; `rest` is bytes after the object's id. */
  root(tag: number, id: number, rest = 0): void {
    this.u1(tag);
    this.id(id);
    this.zeros(rest);
    this.boundary();
  }

  heapInfo(heap: number, nameId: number): void {
    this.u1(0xfe);
    this.u4(heap);
    this.id(nameId);
    this.boundary();
  }

  class({ id, superId = 0, loaderId = 0, statics = [], constants = [], fields = [] }: ClassToDump): void {
    this.u1(0x20);
    this.id(id);
    this.u4(0);
    for (const reference of [superId, loaderId, 0, 0, 0, 0]) this.id(reference);
    this.u4(16);
    this.u2(constants.length);
    for (const [type, target] of constants) {
      this.u2(1);
      this.value(type, target);
    }
    this.u2(statics.length);
    for (const [type, target] of statics) {
      this.id(0x77);
      this.value(type, target);
    }
    this.u2(fields.length);
    for (const type of fields) {
      this.id(0x77);
      this.u1(type);
    }
    this.boundary();
  }

  /** An instance whose fields have `types`; references take their targets from `targets`, in turn. */
  instance(id: number, classId: number, types: readonly number[], targets: readonly number[] = []): void {
    const bytes = types.reduce((sum, type) => sum + this.sizeOf(type), 0);
    this.instanceHead(id, classId, bytes);
    let next = 0;
    for (const type of types) {
      if (type === hprofType.reference) this.id(targets[next++] ?? 0);
      else this.filler(this.sizeOf(type));
    }
    this.boundary();
  }

  instanceHead(id: number, classId: number, bytes: number): void {
    this.u1(0x21);
    this.id(id);
    this.u4(0);
    this.id(classId);
    this.u4(bytes);
  }

  objectArray(id: number, classId: number, targets: readonly number[], length: number = targets.length): void {
    this.u1(0x22);
    this.id(id);
    this.u4(0);
    this.u4(length);
    this.id(classId);
    for (const target of targets) this.id(target);
    this.boundary();
  }

  primitiveArray(id: number, type: number, length: number, present: number = length): void {
    this.u1(0x23);
    this.primitiveHead(id, type, length);
    this.filler(present * this.sizeOf(type));
    this.boundary();
  }

  primitiveArrayNoData(id: number, type: number, length: number): void {
    this.u1(0xc3);
    this.primitiveHead(id, type, length);
    this.boundary();
  }

  u1(value: number): void {
    this.bytesWritten.push(value & 0xff);
  }

  u2(value: number): void {
    this.bytesWritten.push(...bigEndian(value, 2));
  }

  u4(value: number): void {
    this.bytesWritten.push(...bigEndian(value, 4));
  }

  id(value: number): void {
    this.bytesWritten.push(...bigEndian(value, this.idBytes));
  }

  private primitiveHead(id: number, type: number, length: number): void {
    this.id(id);
    this.u4(0);
    this.u4(length);
    this.u1(type);
  }

  private value(type: number, target = 0): void {
    this.u1(type);
    if (type === hprofType.reference) this.id(target);
    else this.filler(this.sizeOf(type));
  }

  private sizeOf(type: number): number {
    return type === hprofType.reference ? this.idBytes : (typeBytes[type] ?? 0);
  }

  private zeros(count: number): void {
    for (let i = 0; i < count; i++) this.u1(0);
  }

  /** Payload that would be taken for tags and ids by a reader that lost its place. */
  private filler(count: number): void {
    for (let i = 0; i < count; i++) this.u1(0x21 + i);
  }

  private boundary(): void {
    this.boundaries.push(this.bytesWritten.length);
  }
}

function bigEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** (bytes - 1 - index)) % 256);
}
