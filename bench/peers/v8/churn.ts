/** A table of objects of 64 B that are replaced and followed at random: bench/workloads/churn.ts. */

import { nextRandom, seedState } from '../../random.js';
import { inverse, powerOfTwoBelow } from '../../workloads/arithmetic.js';
import { type Check, Entry, ourBytes, type Part, type Session } from './session.js';

const fullSize = 2 ** 23;
const operationsPerBatch = 1000;
const hops = 4;
const ringSlots = 1024;
const A = 0x9e3779b1 | 0;
const B = 0x85ebca6b | 0;
const inverseA = inverse(A);
const inverseB = inverse(B);

export class Churn implements Session {
  private readonly mask: number;
  private readonly table: Entry[] = [];
  private readonly ring: (Entry | null)[] = new Array<Entry | null>(ringSlots).fill(null);
  private random: number;
  private ringAt = 0;
  /** Checksum of what was replaced and what was found. */
  private done = 0;

  constructor(private readonly part: Part) {
    this.mask = powerOfTwoBelow(fullSize * part.scale, 2) - 1;
    this.random = seedState(part.seed);
  }

  setUp(): void {
    const { table, mask } = this;
    for (let i = 0; i <= mask; i++) table.push(make(i));
    for (let i = 0; i <= mask; i++) {
      table[i].a = table[(Math.imul(i, A) + 1) & mask];
      table[i].b = table[(Math.imul(i, B) + 3) & mask];
    }
    this.part.progress(1);
  }

  batch(): number {
    for (let i = 0; i < operationsPerBatch; i++) {
      const random = nextRandom(this.random);
      this.random = random;
      const entry = (Math.imul(random, A) >>> 8) & this.mask;
      if ((random & 1) === 0) this.replace(entry);
      else this.chase(entry, random);
      this.temporary();
      this.temporary();
    }
    return operationsPerBatch;
  }

  check(): Check {
    const size = this.mask + 1;
    let problem: string | undefined;
    for (let i = 0; i < size && problem === undefined; i++) problem = this.wrongWith(i);
    const temporaries = this.ring.filter((object) => object !== null).length;
    return {
      ...(problem !== undefined && { problem }),
      checked: size,
      checksum: this.done,
      bytes: ourBytes(size, 0) + ourBytes(ringSlots, 0) + (size + temporaries) * ourBytes(2, 48),
    };
  }

  private replace(i: number): void {
    const { table, mask } = this;
    const fresh = make(i);
    const old = table[i];
    fresh.a = old.a;
    fresh.b = old.b;
    table[Math.imul(i - 1, inverseA) & mask].a = fresh;
    table[Math.imul(i - 3, inverseB) & mask].b = fresh;
    table[i] = fresh;
    this.done = (Math.imul(this.done, 31) + ~i) | 0;
  }

  private chase(i: number, random: number): void {
    let object = this.table[i];
    for (let hop = 1; hop <= hops; hop++) object = (((random >>> hop) & 1) === 0 ? object.a : object.b) as Entry;
    this.done = (Math.imul(this.done, 31) + object.tag) | 0;
  }

  private temporary(): void {
    this.ring[this.ringAt] = new Entry(0, 0, 0);
    this.ringAt = (this.ringAt + 1) & (ringSlots - 1);
  }

  private wrongWith(i: number): string | undefined {
    const { table, mask } = this;
    const { tag, first, last, a, b } = table[i];
    if (tag !== i || first !== i || last !== ~i) return `entry ${i} holds tag ${tag} and payload ${first} … ${last}`;
    const toA = (Math.imul(i, A) + 1) & mask;
    if (a !== table[toA]) return `edge a of entry ${i} does not lead to entry ${toA}`;
    const toB = (Math.imul(i, B) + 3) & mask;
    return b === table[toB] ? undefined : `edge b of entry ${i} does not lead to entry ${toB}`;
  }
}

function make(i: number): Entry {
  return new Entry(i, i, ~i);
}
