/**
 * Dense: nine regions in ten are full of objects that stay, and one in ten is nearly empty and is evacuated.
 *
 * The entries stand in a table, each with an edge to the next one (near) and to one anywhere (random). A few objects,
 * the fresh ones, stand each among four times as much garbage, and each is held by an entry somewhere: about one kept
 * page in ten has a reference that a collection must forward. Every batch replaces all that is fresh and collects;
 * what the last one moved together is garbage then, a region at a time.
 *
 * Objects are of 1 KiB, because this is about pages: with smaller ones more of a collection is marking, which is the
 * same for every resolution.
 */
import type { Mutator } from '../../heap/index.js';
import { mix, nextRandom, seedState } from '../random.js';
import { powerOfTwoBelow } from './arithmetic.js';
import { collectBeside } from './collect-beside.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Session, Workload } from './workload.js';

const fullSize = 2 ** 18;
/** Entries for each fresh object; with what is allocated beside it, it has a tenth of the regions. */
const entriesPerFresh = 42;
const garbagePerFresh = 4;

const references = 3;
const payloadBytes = 1004;
const lastWord = payloadBytes / 4 - 1;
const stride = 1024;

export const dense: Workload = {
  warmUpSeconds: 2,
  open: (mutator, part) => new DenseSession(mutator, part),
};

class DenseSession implements Session {
  private readonly mask: number;
  private readonly fresh: number;
  private readonly seed: number;
  /** Root slots. */
  private readonly table: number;
  private random: number;
  private generation = 0;
  private wrongLooks = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
  ) {
    this.mask = powerOfTwoBelow((fullSize * part.scale) / part.mutators, 1024) - 1;
    this.fresh = Math.floor((this.mask + 1) / entriesPerFresh);
    this.seed = mix(part.seed);
    this.random = seedState(part.seed, 1);
    this.table = mutator.enter(1);
  }

  setUp(): void {
    const { mutator: m, mask, table } = this;
    m.setRoot(table, m.allocate(mask + 1, 0));
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.part.progress((i / mask) * 0.5);
      const entry = this.make(i); // may move the table: its root is read after
      m.store(m.root(table), i, entry);
    }
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.pause(0.5 + (i / mask) * 0.5);
      const entries = m.root(table);
      const entry = m.load(entries, i);
      m.store(entry, 0, m.load(entries, this.near(i)));
      m.store(entry, 1, m.load(entries, this.far(i)));
    }
    this.renew();
  }

  /** One operation: everything fresh is replaced, and the heap is collected. */
  batch(): number {
    this.renew();
    collectBeside(this.mutator, () => this.look());
    return 1;
  }

  check(): Check {
    const { mask } = this;
    let problem = this.wrongLooks > 0 ? `${this.wrongLooks} looks during the collection saw a wrong object` : undefined;
    for (let i = 0; i <= mask && problem === undefined; i++) {
      if (i % stride === 0) this.pause(i / mask);
      problem = this.wrongWith(i);
    }
    for (let i = 0; i < this.fresh && problem === undefined; i++) {
      problem = this.wrongInside(this.freshAt(i), `fresh object ${i}`, this.freshTag(i));
    }
    const objects = mask + 1 + this.fresh;
    return {
      ...(problem !== undefined && { problem }),
      checked: objects,
      objects: objects + 1,
      bytes: objectBytes(mask + 1, 0) + objects * objectBytes(references, payloadBytes),
    };
  }

  private renew(): void {
    const { mutator: m, table } = this;
    this.generation++;
    for (let i = 0; i < this.fresh; i++) {
      for (let garbage = 0; garbage < garbagePerFresh; garbage++) m.allocate(references, payloadBytes);
      const object = this.make(this.freshTag(i));
      m.store(m.load(m.root(table), this.holder(i)), 2, object);
    }
  }

  private pause(progress: number): void {
    this.part.progress(progress);
    this.mutator.safepoint();
  }

  /** A new object, marked at both ends so that half an object cannot pass for a whole one. */
  private make(tag: number): number {
    const m = this.mutator;
    const object = m.allocate(references, payloadBytes, tag);
    m.setPayload(object, 0, tag);
    m.setPayload(object, lastWord, ~tag);
    return object;
  }

  private near(i: number): number {
    return (i + 1) & this.mask;
  }

  private far(i: number): number {
    return mix(i + this.seed) & this.mask;
  }

  /** The entry that holds fresh object `i`, as if at random, and another one for each: every step is one to one. */
  private holder(i: number): number {
    const scrambled = Math.imul(i, 0x9e3779b1) & this.mask;
    return Math.imul(scrambled ^ (scrambled >>> 5), 0x85ebca6b) & this.mask;
  }

  private freshAt(i: number): number {
    const { mutator: m } = this;
    return m.load(m.load(m.root(this.table), this.holder(i)), 2);
  }

  private freshTag(i: number): number {
    return mix(i + this.generation);
  }

  private look(): void {
    const { mutator: m } = this;
    this.random = nextRandom(this.random);
    const i = this.random & this.mask;
    const entry = m.load(m.root(this.table), i);
    if (m.tag(m.load(entry, 1)) !== this.far(i)) this.wrongLooks++;
    const fresh = (this.random >>> 8) % this.fresh;
    if (m.tag(this.freshAt(fresh)) !== this.freshTag(fresh)) this.wrongLooks++;
  }

  private wrongWith(i: number): string | undefined {
    const { mutator: m } = this;
    const table = m.root(this.table);
    const entry = m.load(table, i);
    const problem = this.wrongInside(entry, `entry ${i}`, i);
    if (problem !== undefined) return problem;
    if (m.load(entry, 0) !== m.load(table, this.near(i))) return `the near edge of entry ${i} is wrong`;
    if (m.load(entry, 1) !== m.load(table, this.far(i))) return `the random edge of entry ${i} is wrong`;
    return undefined;
  }

  private wrongInside(object: number, name: string, tag: number): string | undefined {
    const { mutator: m } = this;
    if (object === 0) return `${name} is null`;
    const shape = m.references(object);
    if (shape !== references) return `${name} has ${shape} references`;
    if (m.tag(object) !== tag || m.payload(object, 0) !== tag || m.payload(object, lastWord) !== ~tag) {
      return `${name} holds tag ${m.tag(object)} and payload ${m.payload(object, 0)} … ${m.payload(object, lastWord)}`;
    }
    return undefined;
  }
}
