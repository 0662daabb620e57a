import type { DumpClasses } from './dump-classes.js';
import type { DumpedObjects } from './dump-objects.js';
import { nullReference } from './graph.js';
import { type HprofReader, type Item, item } from './hprof.js';
import { absent } from './id-table.js';

const none = new Uint32Array(0);

/** Second pass over a dump, when every id has a rank: what the objects refer to, and what the classes are called. */
export class ReferenceCollector {
  /** By rank as `DumpedObjects.firstReference` says: rank of the target, or `nullReference`. */
  readonly references: Uint32Array;
  /** References to objects that are not in the dump. Android's dumps have some; they are taken as null. */
  dangling = 0;

  private readonly taken: Uint8Array;
  private readonly wantedNames: Set<number>;

  constructor(
    private readonly reader: HprofReader,
    private readonly classes: DumpClasses,
    private readonly objects: DumpedObjects,
  ) {
    this.references = new Uint32Array(objects.firstReference[objects.table.count]).fill(nullReference);
    this.taken = new Uint8Array(objects.table.count);
    this.wantedNames = classes.wantedNames();
  }

  /** Takes what the reader has just found. */
  take(found: Item): void {
    const { reader } = this;
    switch (found) {
      case item.text:
        if (this.wantedNames.has(reader.id)) this.classes.addName(reader.id, reader.text(), reader.isOver);
        break;
      case item.class:
        this.takeClass();
        break;
      case item.instance:
        this.takeInstance();
        break;
      case item.objectArray:
        this.takeArray();
        break;
      case item.primitiveArray:
        this.begin();
        break;
    }
  }

  /** Whether every object of the first pass came again. */
  complete(): boolean {
    return !this.taken.includes(0);
  }

  /** Rank of the current object, or `absent` if it is a duplicate. */
  private begin(): number {
    const rank = this.objects.table.rankOf(this.reader.id);
    if (rank === absent) throw this.changed();
    if (this.taken[rank] === 1) return absent;
    this.taken[rank] = 1;
    return rank;
  }

  private takeClass(): void {
    const ids = this.reader.class?.references ?? [];
    const rank = this.begin();
    if (rank === absent) return;
    let slot = this.slotsOf(rank, ids.length);
    for (const id of ids) this.references[slot++] = this.target(id);
  }

  private takeInstance(): void {
    const { reader } = this;
    const rank = this.begin();
    if (rank === absent) return;
    const layout = this.classes.layoutOf(reader.classId);
    if (typeof layout === 'string') throw this.changed();
    // Where a class is missing, what is known of the layout may be more than the instance has.
    const offsets = layout.dumpBytes <= reader.length ? layout.dumpOffsets : none;
    let slot = this.slotsOf(rank, offsets.length);
    let at = 0;
    for (const offset of offsets) {
      reader.skip(offset - at);
      this.references[slot++] = this.target(reader.readId());
      at = offset + reader.idBytes;
    }
  }

  private takeArray(): void {
    const { reader } = this;
    const rank = this.begin();
    if (rank === absent) return;
    const slot = this.slotsOf(rank, reader.length);
    for (let i = 0; i < reader.length; i++) this.references[slot + i] = this.target(reader.readId());
  }

  /** Where the object's references go; `count` is what the second pass says there are. */
  private slotsOf(rank: number, count: number): number {
    const { firstReference } = this.objects;
    if (firstReference[rank + 1] - firstReference[rank] !== count) throw this.changed();
    return firstReference[rank];
  }

  private target(id: number): number {
    if (id === 0) return nullReference;
    const rank = this.objects.table.rankOf(id);
    if (rank !== absent) return rank;
    this.dangling++;
    return nullReference;
  }

  private changed(): Error {
    return this.reader.corrupt('the file changed while it was read');
  }
}
