import type { DumpClasses } from './dump-classes.js';
import { GraphError } from './error.js';
import { type ClassKind, nullReference } from './graph.js';
import { GrowableFloat64, GrowableUint32 } from './growable.js';
import { type HprofReader, type Item, item } from './hprof.js';
import { primitiveTypes } from './hprof-tags.js';
import { absent, IdTable } from './id-table.js';

/** What a group of objects is: one per class and kind. `key` is the class's id, or the type of a primitive array. */
export interface ObjectGroup {
  readonly kind: ClassKind;
  readonly key: number;
}

/** The objects of a dump by rank, that is in the order of their ids, with room for their references. */
export interface DumpedObjects {
  readonly table: IdTable;
  readonly groups: readonly ObjectGroup[];
  /** Per rank: index in `groups`. */
  readonly groupOf: Uint32Array;
  /** Per rank and one more: where its references begin. */
  readonly firstReference: Uint32Array;
  /** Per rank. */
  readonly payloadBytes: Uint32Array;
  /** Distinct ranks of the roots, ascending. */
  readonly roots: Uint32Array;
  /** Objects that the dump holds more than once; the first is taken. */
  readonly duplicates: number;
  /** Roots whose object is not in the dump. */
  readonly danglingRoots: number;
}

const largestUint32 = 0xffff_ffff;
const damaged = 'the file is damaged: make it again';

/** First pass over a dump: which objects there are, how large they are and which are roots. */
export class ObjectCollector {
  private readonly groups: ObjectGroup[] = [];
  private readonly groupIndexes = new Map<string, number>();
  private readonly ids = new GrowableFloat64();
  private readonly groupOf = new GrowableUint32();
  /** Bytes of an instance's data, elements of an array. */
  private readonly lengths = new GrowableUint32();
  private readonly roots = new GrowableFloat64();
  // Dumps list objects in runs of a class, so most look-ups of a group repeat the last one.
  private lastKind: ClassKind | undefined;
  private lastKey = 0;
  private lastGroup = 0;

  constructor(
    private readonly reader: HprofReader,
    private readonly classes: DumpClasses,
  ) {}

  /** Takes what the reader has just found. */
  take(found: Item): void {
    const { reader } = this;
    switch (found) {
      case item.className:
        this.classes.addNameId(reader.id, reader.nameId);
        break;
      case item.root:
        if (reader.keeps && reader.id !== 0) this.roots.push(reader.id);
        break;
      case item.class:
        if (reader.class !== undefined) this.classes.add(reader.class);
        this.add('class', 0, 0);
        break;
      case item.instance:
        this.add('instance', reader.classId, reader.length);
        break;
      case item.objectArray:
        this.add('object-array', reader.classId, reader.length);
        break;
      case item.primitiveArray:
        this.add('primitive-array', reader.elementType, reader.length);
        break;
    }
  }

  /** The objects, once the pass is over. */
  finish(): DumpedObjects {
    const ids = this.ids.values;
    const table = new IdTable(ids);
    const count = table.count;
    const groupOf = new Uint32Array(count);
    const payloadBytes = new Uint32Array(count);
    const firstReference = new Uint32Array(count + 1);
    const taken = new Uint8Array(count);
    let duplicates = 0;
    for (let i = 0; i < ids.length; i++) {
      const rank = table.rankOf(ids[i]);
      if (taken[rank] === 1) {
        duplicates++;
        continue;
      }
      taken[rank] = 1;
      const group = this.groupOf.values[i];
      const shape = this.shapeOf(this.groups[group], ids[i], this.lengths.values[i]);
      groupOf[rank] = group;
      payloadBytes[rank] = shape.payloadBytes;
      firstReference[rank + 1] = shape.references;
    }
    this.sum(firstReference);
    const { roots, danglingRoots } = this.rootRanks(table);
    return { table, groups: this.groups, groupOf, firstReference, payloadBytes, roots, duplicates, danglingRoots };
  }

  private add(kind: ClassKind, key: number, length: number): void {
    if (this.reader.id === 0) throw this.corrupt('an object whose id is 0');
    if (kind !== this.lastKind || key !== this.lastKey) {
      const text = `${kind} ${key}`;
      let group = this.groupIndexes.get(text);
      if (group === undefined) {
        group = this.groups.push({ kind, key }) - 1;
        this.groupIndexes.set(text, group);
      }
      this.lastKind = kind;
      this.lastKey = key;
      this.lastGroup = group;
    }
    this.ids.push(this.reader.id);
    this.groupOf.push(this.lastGroup);
    this.lengths.push(length);
  }

  /** References and payload of one object. */
  private shapeOf({ kind, key }: ObjectGroup, id: number, length: number) {
    switch (kind) {
      case 'instance': {
        const size = this.classes.sizeOf(key);
        if (typeof size === 'string') throw this.corrupt(size);
        if (length !== size.dumpBytes) {
          throw this.corrupt(`object 0x${id.toString(16)} has ${length} bytes of data for ${size.dumpBytes} of fields`);
        }
        return { references: size.references, payloadBytes: length - size.references * this.reader.idBytes };
      }
      case 'object-array':
        return { references: length, payloadBytes: 0 };
      case 'primitive-array': {
        const payloadBytes = length * (primitiveTypes.get(key)?.bytes ?? 0);
        if (payloadBytes > largestUint32) throw this.corrupt(`array 0x${id.toString(16)} of 4 GiB or more`);
        return { references: 0, payloadBytes };
      }
      case 'class': {
        const dumped = this.classes.get(id);
        return { references: dumped?.references.length ?? 0, payloadBytes: dumped?.staticBytes ?? 0 };
      }
    }
  }

  /** Turns counts into the places where they begin. */
  private sum(counts: Uint32Array): void {
    let total = 0;
    for (let i = 0; i < counts.length; i++) {
      total += counts[i];
      if (total >= nullReference) {
        const place = { path: this.reader.path };
        throw new GraphError('UNSUPPORTED', 'more than 4 billion references', place, 'give a smaller dump');
      }
      counts[i] = total;
    }
  }

  private rootRanks(table: IdTable): { roots: Uint32Array; danglingRoots: number } {
    const ranks = new Set<number>();
    let danglingRoots = 0;
    for (const id of this.roots.values) {
      const rank = table.rankOf(id);
      if (rank === absent) danglingRoots++;
      else ranks.add(rank);
    }
    return { roots: Uint32Array.from(ranks).sort(), danglingRoots };
  }

  /** Sizes are checked after the pass, when no offset says where: the id in the sentence does. */
  private corrupt(what: string): GraphError {
    return new GraphError('CORRUPT', what, { path: this.reader.path }, damaged);
  }
}
