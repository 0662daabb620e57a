import type { ByteSource } from './byte-source.js';
import { damaged } from './error.js';
import { primitiveTypes, referenceTypes } from './hprof-tags.js';

/** A class as dumped. Ids are 0 where there is none. */
export interface DumpedClass {
  readonly id: number;
  readonly superId: number;
  /** 0 for classes of the boot loader. */
  readonly loaderId: number;
  /** Ids the class object itself refers to: superclass, loader, signers, protection domain, constants, statics. */
  readonly references: readonly number[];
  /** Bytes of its primitive statics. */
  readonly staticBytes: number;
  /** Types of the fields it declares, in the order of an instance's data, which goes on with the superclass's. */
  readonly fieldTypes: Uint8Array;
}

/** Reads a class's record, behind its tag. */
export function readClass(source: ByteSource, idBytes: 4 | 8): DumpedClass {
  const readId = () => (idBytes === 8 ? source.u8() : source.u4());
  const references: number[] = [];
  /** Reads a typed value: a reference into `references`, bytes of a primitive as the result. */
  const value = (): number => {
    const type = source.u1();
    if (referenceTypes.has(type)) {
      references.push(readId());
      return 0;
    }
    const bytes = primitiveBytes(source, type);
    source.skip(bytes);
    return bytes;
  };

  const id = readId();
  source.skip(4);
  const superId = readId();
  const loaderId = readId();
  references.push(superId, loaderId, readId(), readId());
  // Two reserved ids; the instance's size in the dumped runtime, which is not ours.
  source.skip(2 * idBytes + 4);
  let staticBytes = 0;
  for (let constants = source.u2(); constants > 0; constants--) {
    source.skip(2);
    staticBytes += value();
  }
  for (let statics = source.u2(); statics > 0; statics--) {
    source.skip(idBytes);
    staticBytes += value();
  }
  const fieldTypes = new Uint8Array(source.u2());
  for (let i = 0; i < fieldTypes.length; i++) {
    source.skip(idBytes);
    fieldTypes[i] = source.u1();
    if (!referenceTypes.has(fieldTypes[i])) primitiveBytes(source, fieldTypes[i]);
  }
  return { id, superId, loaderId, references, staticBytes, fieldTypes };
}

/** Bytes of a primitive of a type. */
export function primitiveBytes(source: ByteSource, type: number): number {
  const primitive = primitiveTypes.get(type);
  if (primitive === undefined) throw source.error('CORRUPT', `${type} is no primitive type`, damaged);
  return primitive.bytes;
}
