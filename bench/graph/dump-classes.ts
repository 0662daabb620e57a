import { referenceBytes } from './graph.js';
import type { DumpedClass } from './hprof-class.js';
import { primitiveTypes, referenceTypes } from './hprof-tags.js';

/** No program comes near it; a class that is its own superclass, or a file made to keep us busy, does. */
const deepestChain = 1000;

/** Where an instance's references are, its superclasses' fields included. */
export interface InstanceLayout {
  /** Bytes of an instance's data in the dump. */
  readonly dumpBytes: number;
  /** Offsets of its references in the dump's data, ascending. */
  readonly dumpOffsets: Uint32Array;
  /** The same with references of 4 bytes: what the graph's class table says. */
  readonly fieldBytes: number;
  readonly referenceOffsets: Uint32Array;
}

interface LayoutSize {
  readonly dumpBytes: number;
  readonly references: number;
  /** False where the class or one above it is not in the dump: instances then have more fields, nobody knows which. */
  readonly complete: boolean;
}

interface Chain {
  readonly classes: readonly DumpedClass[];
  readonly complete: boolean;
}

/** The classes of a dump: their layouts, their statics and their names, each complete after the first pass. */
export class DumpClasses {
  private readonly classes = new Map<number, DumpedClass>();
  private readonly sizes = new Map<number, LayoutSize>();
  private readonly layouts = new Map<number, InstanceLayout>();
  /** Class id → id of the string that is its name. */
  private readonly nameIds = new Map<number, number>();
  /** String id → name, for the strings in `nameIds` alone: a dump's strings can be as large as its heap. */
  private readonly names = new Map<number, string>();

  /** @param idBytes bytes of a reference in the dump */
  constructor(private readonly idBytes: number) {}

  add(dumped: DumpedClass): void {
    if (!this.classes.has(dumped.id)) this.classes.set(dumped.id, dumped);
  }

  /** The ids of the classes that the boot loader holds. */
  *bootClasses(): Generator<number> {
    for (const { id, loaderId } of this.classes.values()) if (loaderId === 0) yield id;
  }

  get(id: number): DumpedClass | undefined {
    return this.classes.get(id);
  }

  /** @param late whether it comes after the dump it would name a class of */
  addNameId(classId: number, nameId: number, late: boolean): void {
    if (!late || !this.nameIds.has(classId)) this.nameIds.set(classId, nameId);
  }

  /** The strings worth keeping. */
  wantedNames(): Set<number> {
    return new Set(this.nameIds.values());
  }

  addName(nameId: number, name: string, late: boolean): void {
    if (!late || !this.names.has(nameId)) this.names.set(nameId, name);
  }

  /** The class's name as Java source has it, or its id where the dump does not say. */
  nameOf(classId: number): string {
    const name = this.names.get(this.nameIds.get(classId) ?? 0);
    return name === undefined ? `class@0x${classId.toString(16)}` : sourceName(name);
  }

  /** Layout of the class's instances, as far as the dump has it; a sentence instead where it makes no sense. */
  layoutOf(classId: number): InstanceLayout | string {
    const known = this.layouts.get(classId);
    if (known !== undefined) return known;
    const chain = this.chainOf(classId);
    if (typeof chain === 'string') return chain;
    const layout = this.flatten(chain.classes);
    this.layouts.set(classId, layout);
    return layout;
  }

  /**
   * Bytes of an instance's data, without building its layout. The caller compares this with the data that is there,
   * so that a layout, which is built from a hostile class table, is never larger than the dump.
   */
  sizeOf(classId: number): LayoutSize | string {
    const known = this.sizes.get(classId);
    if (known !== undefined) return known;
    const chain = this.chainOf(classId);
    if (typeof chain === 'string') return chain;
    let dumpBytes = 0;
    let references = 0;
    for (const { fieldTypes } of chain.classes) {
      for (const type of fieldTypes) {
        if (referenceTypes.has(type)) references++;
        dumpBytes += this.bytesOf(type, this.idBytes);
      }
    }
    const size = { dumpBytes, references, complete: chain.complete };
    this.sizes.set(classId, size);
    return size;
  }

  /** The class and its superclasses, in the order in which instances hold their fields. */
  private chainOf(classId: number): Chain | string {
    const chain: DumpedClass[] = [];
    for (let id = classId; id !== 0; ) {
      const dumped = this.classes.get(id);
      if (dumped === undefined) return { classes: chain, complete: false };
      if (chain.length === deepestChain) return `class 0x${classId.toString(16)} has no end of superclasses`;
      chain.push(dumped);
      id = dumped.superId;
    }
    return { classes: chain, complete: chain.length > 0 };
  }

  private flatten(chain: readonly DumpedClass[]): InstanceLayout {
    const dumpOffsets: number[] = [];
    const referenceOffsets: number[] = [];
    let dumpBytes = 0;
    let fieldBytes = 0;
    for (const { fieldTypes } of chain) {
      for (const type of fieldTypes) {
        if (referenceTypes.has(type)) {
          dumpOffsets.push(dumpBytes);
          referenceOffsets.push(fieldBytes);
        }
        dumpBytes += this.bytesOf(type, this.idBytes);
        fieldBytes += this.bytesOf(type, referenceBytes);
      }
    }
    return {
      dumpBytes,
      dumpOffsets: Uint32Array.from(dumpOffsets),
      fieldBytes,
      referenceOffsets: Uint32Array.from(referenceOffsets),
    };
  }

  private bytesOf(type: number, forReference: number): number {
    return primitiveTypes.get(type)?.bytes ?? forReference;
  }
}

const descriptors: ReadonlyMap<string, string> = new Map([
  ['Z', 'boolean'],
  ['C', 'char'],
  ['F', 'float'],
  ['D', 'double'],
  ['B', 'byte'],
  ['S', 'short'],
  ['I', 'int'],
  ['J', 'long'],
]);

/** `[Ljava/lang/String;` and `java/lang/String`, as a JVM dumps them, to `java.lang.String[]` and so on. */
export function sourceName(name: string): string {
  const dimensions = name.length - name.replace(/^\[+/, '').length;
  const element = name.slice(dimensions);
  const primitive = dimensions > 0 ? descriptors.get(element) : undefined;
  const plain = primitive ?? (dimensions > 0 ? element.replace(/^L(.*);$/, '$1') : element);
  return plain.replaceAll('/', '.') + '[]'.repeat(dimensions);
}
