/**
 * Full collection: a table of objects of 64 B, of which half are dropped at random, and one collection of all.
 *
 * Each object kept refers to the next one kept (near) and to one anywhere (random). Nothing of this is recorded: what is
 * kept and what refers to what follows from the seed, so the check can work it out again.
 */
import { Control, type Mutator } from '../../heap/index.js';
import { mix, nextRandom, seedState } from '../random.js';
import { powerOfTwoBelow } from './arithmetic.js';
import { collectBeside } from './collect-beside.js';
import { objectBytes } from './shapes.js';
import type { Check, Ending, Part, Session, Workload } from './workload.js';

const fullSize = 2 ** 24;
const references = 2;
const payloadBytes = 48;
const lastWord = payloadBytes / 4 - 1;
const stride = 1024;
/** Humongous, so that every page of it is given memory when it is made. */
const fillerBytes = 8 << 20;

export const fullgc: Workload = {
  warmUpSeconds: 0,
  open: (mutator, part) => new FullCollectionSession(mutator, part),
};

class FullCollectionSession implements Session {
  ending: Ending = 'may';
  private readonly mask: number;
  private readonly seed: number;
  /** Root slots. */
  private readonly table: number;
  private readonly filler: number;
  private random: number;
  private wrongLooks = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
  ) {
    this.mask = powerOfTwoBelow((fullSize * part.scale) / part.mutators, 16) - 1;
    this.seed = mix(part.seed);
    this.random = seedState(part.seed, 1);
    this.table = mutator.enter(2);
    this.filler = this.table + 1;
  }

  setUp(): void {
    const { mutator: m, mask, table } = this;
    this.touchHeap();
    m.setRoot(table, m.allocate(mask + 1, 0));
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.part.progress((i / mask) * 0.5);
      const object = m.allocate(references, payloadBytes, i);
      m.setPayload(object, 0, i);
      m.setPayload(object, lastWord, ~i);
      m.store(m.root(table), i, object);
    }
    for (let i = 0; i <= mask; i++) {
      if (i % stride === 0) this.pause(0.5 + (i / mask) * 0.5);
      if (this.keeps(i)) this.link(i);
      else m.store(m.root(table), i, 0);
    }
  }

  /**
   * Gives the regions memory and leaves them free, which is what a full collection finds in a program that has run for
   * a while. A heap that was never used has holes instead, and `continue` would have to fill them while it builds.
   */
  private touchHeap(): void {
    const { mutator: m, filler } = this;
    const { regions, layout, control } = m.heap;
    const share = layout.bytes / fillerBytes / this.part.mutators;
    const least = Atomics.load(control, Control.RESERVE) + 2 * (fillerBytes / layout.regionBytes);
    for (let made = 0; made < share && regions.free > least; made++) {
      const object = m.allocate(1, fillerBytes - 16);
      m.store(object, 0, m.root(filler));
      m.setRoot(filler, object);
    }
    m.setRoot(filler, 0);
    m.collect();
  }

  /** One operation: a collection. Meanwhile the mutator follows an edge a millisecond. */
  batch(): number {
    collectBeside(this.mutator, () => this.look());
    this.ending = 'must';
    return 1;
  }

  check(): Check {
    const { mutator: m, mask } = this;
    let problem = this.wrongLooks > 0 ? `${this.wrongLooks} looks during the collection saw a wrong object` : undefined;
    let kept = 0;
    let checksum = 0;
    for (let i = 0; i <= mask && problem === undefined; i++) {
      if (i % stride === 0) this.pause(i / mask);
      problem = this.wrongWith(i);
      if (problem !== undefined || !this.keeps(i)) continue;
      kept++;
      const object = m.load(m.root(this.table), i);
      checksum = (mix(checksum ^ m.tag(m.load(object, 0))) + m.tag(m.load(object, 1))) | 0;
    }
    return {
      ...(problem !== undefined && { problem }),
      checked: mask + 1,
      checksum,
      objects: kept + 1,
      bytes: objectBytes(mask + 1, 0) + kept * objectBytes(references, payloadBytes),
    };
  }

  private pause(progress: number): void {
    this.part.progress(progress);
    this.mutator.safepoint();
  }

  private keeps(i: number): boolean {
    return (mix(i ^ this.seed) & 1) === 0;
  }

  /** The first entry kept, from `i` on and around. */
  private keptFrom(i: number): number {
    for (let at = i & this.mask, tried = 0; tried <= this.mask; at = (at + 1) & this.mask, tried++) {
      if (this.keeps(at)) return at;
    }
    return i & this.mask; // none at all is kept: nobody asks for it then
  }

  private near(i: number): number {
    return this.keptFrom(i + 1);
  }

  private far(i: number): number {
    return this.keptFrom(mix(i + this.seed) >>> 3);
  }

  private link(i: number): void {
    const { mutator: m } = this;
    const table = m.root(this.table);
    const object = m.load(table, i);
    m.store(object, 0, m.load(table, this.near(i)));
    m.store(object, 1, m.load(table, this.far(i)));
  }

  private look(): void {
    const { mutator: m } = this;
    this.random = nextRandom(this.random);
    const i = this.keptFrom(this.random >>> 3);
    const object = m.load(m.root(this.table), i);
    if (m.tag(m.load(object, 1)) !== this.far(i)) this.wrongLooks++;
  }

  private wrongWith(i: number): string | undefined {
    const { mutator: m } = this;
    const table = m.root(this.table);
    const object = m.load(table, i);
    if (!this.keeps(i)) return object === 0 ? undefined : `entry ${i} was dropped and is there`;
    if (object === 0) return `entry ${i} is null`;
    const shape = m.references(object);
    if (shape !== references) return `entry ${i} has ${shape} references`;
    if (m.tag(object) !== i || m.payload(object, 0) !== i || m.payload(object, lastWord) !== ~i) {
      return `entry ${i} holds tag ${m.tag(object)} and payload ${m.payload(object, 0)} … ${m.payload(object, lastWord)}`;
    }
    if (m.load(object, 0) !== m.load(table, this.near(i))) return `the near edge of entry ${i} is wrong`;
    if (m.load(object, 1) !== m.load(table, this.far(i))) return `the random edge of entry ${i} is wrong`;
    return undefined;
  }
}
