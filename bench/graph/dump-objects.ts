import type { DumpClasses } from './dump-classes.js';
import { damaged, GraphError } from './error.js';
import { type ClassKind, nullReference } from './graph.js';
import { GrowableFloat64, GrowableUint32 } from './growable.js';
import { type HprofReader, type Item, item } from './hprof.js';
import { primitiveTypes, stickyClassTag } from './hprof-tags.js';
import { absent, IdTable } from './id-table.js';

/** What a dump's records are; that their class is missing shows at the end. */
type GroupKind = Exclude<ClassKind, 'varying'>;

/** What a group of objects is: one per class and kind. `key` is the class's id, or the type of a primitive array. */
export interface ObjectGroup {
  readonly kind: GroupKind;
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
  /** Instances whose class, or one above it, is not in the dump: what is known of them stands in for them. */
  readonly standIns: number;
  /** Classes of the boot loader that are roots although the dump does not say so. */
  readonly bootRoots: number;
}

const largestUint32 = 0xffff_ffff;

/** First pass over a dump: which objects there are, how large they are and which are roots. */
export class ObjectCollector {
  private readonly groups: ObjectGroup[] = [];
  private readonly groupIndexes = new Map<string, number>();
  private readonly ids = new GrowableFloat64();
  private readonly groupOf = new GrowableUint32();
  /** Bytes of an instance's data, elements of an array. */
  private readonly lengths = new GrowableUint32();
  private readonly roots = new GrowableFloat64();
  private readonly stickyIds = new GrowableFloat64();
  private standIns = 0;
  // Dumps list objects in runs of a class, so most look-ups of a group repeat the last one.
  private lastKind: GroupKind | undefined;
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
        this.classes.addNameId(reader.id, reader.nameId, reader.isOver);
        break;
      case item.root:
        if (reader.keeps && reader.id !== 0) this.roots.push(reader.id);
        if (reader.rootTag === stickyClassTag) this.stickyIds.push(reader.id);
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
    const bootRoots = this.addBootRoots();
    const { standIns } = this;
    const roots = this.rootRanks(table);
    return {
      ...{ table, groups: this.groups, groupOf, firstReference, payloadBytes, ...roots },
      ...{ duplicates, standIns, bootRoots },
    };
  }

  private add(kind: GroupKind, key: number, length: number): void {
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
        if (!size.complete) {
          this.standIns++;
          const references = length >= size.dumpBytes ? size.references : 0;
          return { references, payloadBytes: length - references * this.reader.idBytes };
        }
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
        throw new GraphError('UNSUPPORTED', 'more than 4 billion references', place, 'dump a smaller heap');
      }
      counts[i] = total;
    }
  }

  /**
   * A JVM's dumps name the classes of the boot loader as sticky; those of the serviceability agent (jhsdb jmap) name no
   * class, but nothing unloads such a class all the same. The number of roots that this adds.
   */
  private addBootRoots(): number {
    const { classes, reader } = this;
    if (reader.android || this.stickyIds.values.some((id) => classes.get(id) !== undefined)) return 0;
    let added = 0;
    for (const id of classes.bootClasses()) {
      this.roots.push(id);
      added++;
    }
    return added;
  }

  private rootRanks(table: IdTable): { roots: Uint32Array; danglingRoots: number } {
    const isRoot = new Uint8Array(table.count);
    let danglingRoots = 0;
    for (const id of this.roots.values) {
      const rank = table.rankOf(id);
      if (rank === absent) danglingRoots++;
      else isRoot[rank] = 1;
    }
    return { roots: ranksOf(isRoot), danglingRoots };
  }

  /** Sizes are checked after the pass, when no offset says where: the id in the sentence does. */
  private corrupt(what: string): GraphError {
    return new GraphError('CORRUPT', what, { path: this.reader.path }, damaged);
  }
}

/** The indexes of what is marked by a one, ascending. */
export function ranksOf(marks: Uint8Array): Uint32Array {
  let count = 0;
  for (const mark of marks) count += mark;
  const ranks = new Uint32Array(count);
  for (let rank = 0, next = 0; rank < marks.length; rank++) if (marks[rank] === 1) ranks[next++] = rank;
  return ranks;
}
