/**
 * Churn: a table of objects of 64 B that are replaced and followed at random.
 *
 * The edges are two fixed permutations of the table's indices, a: i → i·A + 1 and b: i → i·B + 3 modulo the size. A
 * replacement makes a new object for an entry, gives it the old one's edges, and redirects the two edges that come in;
 * the old object is garbage then, so exactly `size` entries are alive at any time, and every edge is known for the
 * check. (With random edges each replaced object that some other still refers to would stay: a leak.)
 */
import type { Mutator } from '../../heap/index.js';
import { nextRandom, seedState } from '../random.js';
import { inverse, powerOfTwoBelow } from './arithmetic.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Session, Workload } from './workload.js';

const fullSize = 2 ** 23;
const operationsPerBatch = 1000;
const hops = 4;
const ringSlots = 1024;

/** Odd, so that they are permutations; neither has a fixed point, because A-1 and B-1 are even and 1 and 3 are odd. */
const A = 0x9e3779b1 | 0;
const B = 0x85ebca6b | 0;

const references = 2;
const payloadBytes = 48;
const lastWord = payloadBytes / 4 - 1;

/** Entries looked at between two safepoints. */
const stride = 1024;

export const churn: Workload = {
  warmUpSeconds: 5,
  open: (mutator, part) => new ChurnSession(mutator, part),
};

class ChurnSession implements Session {
  private readonly mutator: Mutator;
  private readonly part: Part;
  private readonly mask: number;
  private readonly inverseA = inverse(A);
  private readonly inverseB = inverse(B);
  /** Root slots. */
  private readonly table: number;
  private readonly ring: number;
  private random: number;
  private ringAt = 0;
  /** Checksum of what was replaced and what was found. */
  private done = 0;

  constructor(mutator: Mutator, part: Part) {
    this.mutator = mutator;
    this.part = part;
    this.mask = powerOfTwoBelow((fullSize * part.scale) / part.mutators, 2) - 1;
    this.random = seedState(part.seed);
    this.table = mutator.enter(2);
    this.ring = this.table + 1;
  }

  setUp(): void {
    const m = this.mutator;
    const mask = this.mask;
    m.setRoot(this.table, m.allocate(mask + 1, 0));
    m.setRoot(this.ring, m.allocate(ringSlots, 0));
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.part.progress(i / mask / 2);
      const entry = this.make(i); // may move the table: its root is read after
      m.store(m.root(this.table), i, entry);
    }
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) {
        this.part.progress(0.5 + i / mask / 2);
        m.safepoint();
      }
      const table = m.root(this.table);
      const entry = m.load(table, i);
      m.store(entry, 0, m.load(table, (Math.imul(i, A) + 1) & mask));
      m.store(entry, 1, m.load(table, (Math.imul(i, B) + 3) & mask));
    }
  }

  batch(operations = operationsPerBatch): number {
    for (let i = 0; i < operations; i++) {
      const random = nextRandom(this.random);
      this.random = random;
      // The low bits decide what is done, the high ones where.
      const entry = (Math.imul(random, A) >>> 8) & this.mask;
      if ((random & 1) === 0) this.replace(entry);
      else this.chase(entry, random);
      this.temporary();
      this.temporary();
    }
    return operations;
  }

  check(): Check {
    const m = this.mutator;
    const size = this.mask + 1;
    let problem: string | undefined;
    for (let i = 0; i < size && problem === undefined; i++) {
      if (i % stride === 0) {
        this.part.progress(i / size);
        m.safepoint();
      }
      problem = this.wrongWith(i);
    }
    const temporaries = this.temporaries;
    return {
      ...(problem !== undefined && { problem }),
      checked: size,
      checksum: this.done,
      objects: size + 2 + temporaries,
      bytes:
        objectBytes(size, 0) + objectBytes(ringSlots, 0) + (size + temporaries) * objectBytes(references, payloadBytes),
    };
  }

  /** A new object of entry `i`, marked at both ends so that half an object cannot pass for a whole one. */
  private make(i: number): number {
    const m = this.mutator;
    const object = m.allocate(references, payloadBytes, i);
    m.setPayload(object, 0, i);
    m.setPayload(object, lastWord, ~i);
    return object;
  }

  private replace(i: number): void {
    const m = this.mutator;
    const fresh = this.make(i);
    const table = m.root(this.table);
    const old = m.load(table, i);
    m.store(fresh, 0, m.load(old, 0));
    m.store(fresh, 1, m.load(old, 1));
    m.store(m.load(table, Math.imul(i - 1, this.inverseA) & this.mask), 0, fresh);
    m.store(m.load(table, Math.imul(i - 3, this.inverseB) & this.mask), 1, fresh);
    m.store(table, i, fresh);
    this.done = (Math.imul(this.done, 31) + ~i) | 0;
  }

  private chase(i: number, random: number): void {
    const m = this.mutator;
    let object = m.load(m.root(this.table), i);
    for (let hop = 1; hop <= hops; hop++) object = m.load(object, (random >>> hop) & 1);
    this.done = (Math.imul(this.done, 31) + m.tag(object)) | 0;
  }

  private temporary(): void {
    const m = this.mutator;
    const object = m.allocate(references, payloadBytes);
    m.store(m.root(this.ring), this.ringAt, object);
    this.ringAt = (this.ringAt + 1) & (ringSlots - 1);
  }

  private get temporaries(): number {
    const m = this.mutator;
    let count = 0;
    for (let i = 0; i < ringSlots; i++) if (m.load(m.root(this.ring), i) !== 0) count++;
    return count;
  }

  private wrongWith(i: number): string | undefined {
    const m = this.mutator;
    const table = m.root(this.table);
    const entry = m.load(table, i);
    if (entry === 0) return `entry ${i} is null`;
    const shape = m.references(entry);
    if (shape !== references) return `entry ${i} has ${shape} references`;
    if (m.tag(entry) !== i || m.payload(entry, 0) !== i || m.payload(entry, lastWord) !== ~i) {
      return `entry ${i} holds tag ${m.tag(entry)} and payload ${m.payload(entry, 0)} … ${m.payload(entry, lastWord)}`;
    }
    const a = (Math.imul(i, A) + 1) & this.mask;
    if (m.load(entry, 0) !== m.load(table, a)) return `edge a of entry ${i} does not lead to entry ${a}`;
    const b = (Math.imul(i, B) + 3) & this.mask;
    if (m.load(entry, 1) !== m.load(table, b)) return `edge b of entry ${i} does not lead to entry ${b}`;
    return undefined;
  }
}
