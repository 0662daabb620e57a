/**
 * What a stress program works on: a table of its own (an array of arrays of entries) below a global, roots on its
 * shadow stack, and a table that all programs share under a lock.
 *
 * An object that is reachable from the shared table is tagged as shared and never refers to one that is not. Without
 * the lock a program may keep references to shared objects but not look into them.
 */

import { type Mirror, NOTHING, type Pair, type Shape } from './mirror.js';
import type { Random } from './random.js';

export const SHARED_TAG = 1 << 30;
/** Marks the tables themselves, which only keep their shape as long as no random store goes into them. */
const TABLE_TAG = 1 << 29;
export const NODES = 24;
export const ENTRIES = 512;
export const SHARED_ENTRIES = 1024;

/** Root slots of a program's first frame. */
export const Slot = {
  TABLE: 0,
  BIG: 1,
  BIGS: 6,
  HUMONGOUS: 7,
  TEMPORARY: 8,
  TEMPORARIES: 32,
  SCRATCH: 40,
  SCRATCHES: 8,
  SLOTS: 48,
} as const;

const PRIVATE_GLOBAL = 0;
const SHARED_GLOBAL = 100;
const LARGEST_GRANULES = 100_000;
/** Slots that prune() clears at most: a wide array costs too much to clear whole. */
const PRUNED = 64;

export class StressGraph {
  /** Whether this thread holds the lock of what is shared. */
  locked = false;

  constructor(
    readonly mirror: Mirror,
    readonly random: Random,
    /** Number of the program, which stays the same when its mutator leaves and comes back as another. */
    private readonly program: number,
  ) {}

  // ---- the tables

  /** Takes the table from its global into its root slot; makes one if there is none. */
  adopt(): void {
    const { mirror } = this;
    mirror.enter(Slot.SLOTS);
    if (mirror.global(PRIVATE_GLOBAL + this.program).heap === 0) {
      mirror.allocate(Slot.TABLE, { references: NODES, payloadBytes: 0, tag: TABLE_TAG });
      mirror.setGlobal(PRIVATE_GLOBAL + this.program, mirror.root(Slot.TABLE));
    }
    mirror.setRoot(Slot.TABLE, mirror.global(PRIVATE_GLOBAL + this.program));
  }

  /** A node of the table, made if it is not there. May be a safepoint. */
  node(): Pair {
    const { mirror, random } = this;
    const index = random.below(NODES);
    const node = mirror.load(mirror.root(Slot.TABLE), index);
    if (node.heap !== 0) return node;
    const made = mirror.allocate(Slot.SCRATCH, { references: ENTRIES, payloadBytes: 0, tag: TABLE_TAG });
    mirror.store(mirror.root(Slot.TABLE), index, made);
    return made;
  }

  dropNode(): void {
    const { mirror, random } = this;
    mirror.store(mirror.root(Slot.TABLE), random.below(NODES), NOTHING);
  }

  /** The table that all programs share. The lock must be held; may be a safepoint. */
  sharedTable(): Pair {
    const { mirror } = this;
    if (mirror.global(SHARED_GLOBAL).heap === 0) {
      const shape = { references: SHARED_ENTRIES, payloadBytes: 0, tag: SHARED_TAG | TABLE_TAG };
      mirror.setGlobal(SHARED_GLOBAL, mirror.allocate(Slot.SCRATCH, shape));
    }
    return mirror.global(SHARED_GLOBAL);
  }

  // ---- finding objects

  /** Some object of the table or of a root slot, a few steps in; null if there is none there. */
  some(): Pair {
    const { mirror, random } = this;
    // Seldom a big one: the table would keep them all alive.
    if (random.chance(0.002)) return mirror.root(Slot.BIG + random.below(Slot.BIGS + 1));
    if (random.chance(0.3))
      return this.walk(mirror.root(random.between(Slot.TEMPORARY, Slot.SLOTS - 1)), random.below(4));
    const node = mirror.load(mirror.root(Slot.TABLE), random.below(NODES));
    return node.heap === 0 ? node : this.walk(mirror.load(node, random.below(ENTRIES)), random.below(4));
  }

  /** The object `steps` random references on, or the last before null. */
  walk(from: Pair, steps: number): Pair {
    const { mirror, random } = this;
    let at = from;
    for (let i = 0; i < steps && this.mayRead(at); i++) {
      const references = mirror.references(at);
      if (references === 0) return at;
      const next = mirror.load(at, random.below(references));
      if (next.heap === 0) return at;
      at = next;
    }
    return at;
  }

  /** Whether this thread may look into `object` now. */
  mayRead(object: Pair): boolean {
    return object.heap !== 0 && (this.locked || (this.mirror.tag(object) & SHARED_TAG) === 0);
  }

  /** Whether it may change it in any way. */
  mayChange(object: Pair): boolean {
    return this.mayRead(object) && (this.mirror.tag(object) & TABLE_TAG) === 0;
  }

  // ---- making and unmaking objects

  /** Mostly small; now and then anything from 1 to 100,000 granules. */
  shape(): Shape {
    const { random } = this;
    return random.chance(0.001) ? this.sized(random.spread(1, LARGEST_GRANULES)) : this.sized(random.spread(1, 24));
  }

  /** An object of exactly so many granules, with any number of references that fits. */
  sized(granules: number): Shape {
    const { random } = this;
    const words = 2 * granules - 2;
    const references = random.chance(0.1) ? words : random.below(Math.min(words, 8) + 1);
    return { references, payloadBytes: 4 * (words - references), tag: random.below(1 << 24) };
  }

  /** Writes something into a few payload words, the first and the last among them. */
  scribble(object: Pair): void {
    const { mirror, random } = this;
    const words = mirror.payloadWords(object);
    if (words === 0) return;
    mirror.setPayload(object, 0, random.next() | 0);
    mirror.setPayload(object, words - 1, random.next() | 0);
    for (let i = Math.min(words, 4); i > 0; i--) mirror.setPayload(object, random.below(words), random.next() | 0);
  }

  /** Cuts what hangs on an object that is about to be dropped, so that not everything stays reachable for ever. */
  prune(object: Pair): void {
    if (!this.mayChange(object)) return;
    const count = Math.min(this.mirror.references(object), PRUNED);
    for (let slot = 0; slot < count; slot++) this.mirror.store(object, slot, NOTHING);
  }
}
