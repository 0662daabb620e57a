/**
 * Pages: what a page costs a collection, by the references on it. Every object fills a page of 4 KiB and has as many
 * references as `--references` says, to objects anywhere, and payload for the rest. A batch replaces half of the objects,
 * chosen at random, sets every reference anew, and collects: what was half emptied is moved, half of the pages, and what
 * was made since stays where it is and is updated in place, if it has a reference at all.
 *
 * Without references a page costs a copy and the kernel's part; with a thousand the kernel's part is lost in them. That
 * is why a comparison of ways to publish means little without the number of references a page.
 */
import type { Mutator } from '../../heap/index.js';
import { below, mix, nextRandom, seedState } from '../random.js';
import { powerOfTwoBelow } from './arithmetic.js';
import { collectBeside } from './collect-beside.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Session, Workload } from './workload.js';

const fullSize = 2 ** 15;
const pageBytes = 4096;
const headerBytes = 8;
const defaultReferences = 16;
const stride = 256;

export const pages: Workload = {
  warmUpSeconds: 2,
  open: (mutator, part) => new PagesSession(mutator, part),
};

class PagesSession implements Session {
  private readonly mask: number;
  private readonly references: number;
  private readonly payloadBytes: number;
  private readonly lastWord: number;
  private readonly seed: number;
  /** Object → the generation it was made in. */
  private readonly generations: Uint32Array;
  /** Root slot. */
  private readonly table: number;
  private random: number;
  private generation = 0;
  private wrongLooks = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
  ) {
    this.mask = powerOfTwoBelow((fullSize * part.scale) / part.mutators, 1024) - 1;
    this.references = part.references ?? defaultReferences;
    this.payloadBytes = pageBytes - headerBytes - 4 * this.references;
    this.lastWord = this.payloadBytes / 4 - 1;
    this.seed = mix(part.seed);
    this.random = seedState(part.seed, 1);
    this.generations = new Uint32Array(this.mask + 1);
    this.table = mutator.enter(1);
  }

  setUp(): void {
    const { mutator: m, mask } = this;
    // Whole pages too, so that what is allocated behind it begins with one.
    m.setRoot(this.table, m.allocate(mask + 1, this.tablePayload));
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.part.progress((i / mask) * 0.5);
      this.make(i);
    }
    this.link((fraction) => 0.5 + 0.5 * fraction);
  }

  /** One operation: half of the objects are replaced, and the heap is collected. */
  batch(): number {
    this.generation++;
    for (let i = 0; i <= this.mask; i++) if (mix(i + this.seed + this.generation) < 0) this.make(i);
    this.link(() => 0);
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
    return {
      ...(problem !== undefined && { problem }),
      checked: mask + 1,
      objects: mask + 2,
      bytes: objectBytes(mask + 1, this.tablePayload) + (mask + 1) * objectBytes(this.references, this.payloadBytes),
    };
  }

  private get tablePayload(): number {
    return pageBytes - headerBytes;
  }

  private pause(progress: number): void {
    this.part.progress(progress);
    this.mutator.safepoint();
  }

  /** A new object for entry `i`, marked at both ends so that half an object cannot pass for a whole one. */
  private make(i: number): void {
    const { mutator: m, generation } = this;
    const object = m.allocate(this.references, this.payloadBytes, i);
    this.generations[i] = generation;
    m.setPayload(object, 0, generation);
    m.setPayload(object, this.lastWord, ~generation);
    m.store(m.root(this.table), i, object);
  }

  private link(progress: (fraction: number) => number): void {
    const { mutator: m, mask, references } = this;
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.pause(progress(i / mask));
      const table = m.root(this.table);
      const object = m.load(table, i);
      for (let slot = 0; slot < references; slot++) m.store(object, slot, m.load(table, this.target(i, slot)));
    }
  }

  private target(i: number, slot: number): number {
    return mix(Math.imul(i, this.references) + slot + this.seed) & this.mask;
  }

  private look(): void {
    const { mutator: m, references } = this;
    this.random = nextRandom(this.random);
    const i = this.random & this.mask;
    const object = m.load(m.root(this.table), i);
    if (m.payload(object, this.lastWord) !== ~this.generations[i]) this.wrongLooks++;
    if (references === 0) return;
    const slot = below(this.random, references);
    if (m.tag(m.load(object, slot)) !== this.target(i, slot)) this.wrongLooks++;
  }

  private wrongWith(i: number): string | undefined {
    const { mutator: m, references, lastWord } = this;
    const table = m.root(this.table);
    const object = m.load(table, i);
    if (object === 0) return `entry ${i} is null`;
    if (m.references(object) !== references) return `entry ${i} has ${m.references(object)} references`;
    const generation = this.generations[i] | 0;
    const [first, last] = [m.payload(object, 0), m.payload(object, lastWord)];
    if (m.tag(object) !== i || first !== generation || last !== ~generation) {
      return `entry ${i} of generation ${generation} holds tag ${m.tag(object)} and payload ${first} … ${last}`;
    }
    for (let slot = 0; slot < references; slot++) {
      if (m.load(object, slot) !== m.load(table, this.target(i, slot))) return `edge ${slot} of entry ${i} is wrong`;
    }
    return undefined;
  }
}
