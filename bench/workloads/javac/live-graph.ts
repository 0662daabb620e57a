/**
 * A copy of a graph in the heap, that is walked and replaced piece by piece and never changes its shape.
 *
 * Every object carries who it is, its number in the graph, and its version: how often it has been replaced. Both are in
 * the tag, and, where there is payload, in a pattern spread over it. A replacement makes new objects of the same sizes
 * for an object and all it dominates, one version up, gives them the references of the old ones (those inside the
 * subtree to each other), and redirects the edges that lead in. The old ones are garbage then, because nothing else
 * led to them. So what is alive is always the graph, and the check can compare all of it, edge by edge.
 */
import type { Mutator, Reference } from '../../../heap/index.js';
import { below, nextRandom, seedState } from '../../random.js';
import { mostObjects, none, type SharedGraph } from './shared-graph.js';

/** Payload words between two of the pattern: every page of a large object has some. */
const patternStride = 128;
/** Edges followed from an object that was walked to. */
const wander = 4;
/** Objects dealt with between two safepoints where nothing is allocated. */
const stride = 256;

export class LiveGraph {
  /** Object → how often it was replaced. */
  readonly versions: Uint16Array;
  /** Root slot: an array of the roots. */
  readonly roots: number;
  /** Root slot: an array of all objects by their number; absent unless the graph is indexed. */
  index: number | undefined;
  private readonly idBits: number;
  private random: number;
  /** Slots to take, last one first, on the way to an object. */
  private readonly way: Uint32Array;
  /** The subtree being replaced: the old objects by their place in it, and those whose edges are still to be seen. */
  private readonly old = new Int32Array(mostObjects);
  private readonly queue = new Int32Array(mostObjects);
  private seen = 0;
  /** Objects met that were not the ones the way leads to, and subtrees that had fewer objects than they should. */
  wrong = 0;

  constructor(
    private readonly mutator: Mutator,
    readonly graph: SharedGraph,
    seed: number,
    /** Whether to keep an array of all objects, so that each can be had without a walk. */
    private readonly indexed = false,
  ) {
    this.versions = new Uint16Array(graph.count);
    this.idBits = Math.max(1, Math.ceil(Math.log2(graph.count)));
    this.random = seedState(seed);
    this.way = new Uint32Array(graph.longestWay + 1);
    this.roots = mutator.enter(1);
  }

  /** Makes all objects, in the order of the dumped heap, and links them. */
  load(progress: (fraction: number) => void): void {
    const { mutator: m, graph, roots } = this;
    const { count, first, references, order } = graph;
    const table = m.enter(1);
    m.setRoot(table, m.allocate(count, 0));
    m.setRoot(roots, m.allocate(graph.roots.length, 0));
    for (let i = 0; i < count; i++) {
      if (i % stride === 0) progress(i / count / 2);
      const object = this.make(order[i], 0);
      m.store(m.root(table), order[i], object);
    }
    for (let id = 0; id < count; id++) {
      if (id % stride === 0) {
        progress(0.5 + id / count / 2);
        m.safepoint();
      }
      const object = m.load(m.root(table), id);
      const begin = first[id];
      for (let at = begin; at < first[id + 1]; at++) {
        if (references[at] !== none) m.store(object, at - begin, m.load(m.root(table), references[at]));
      }
    }
    for (let i = 0; i < graph.roots.length; i++) m.store(m.root(roots), i, m.load(m.root(table), graph.roots[i]));
    if (this.indexed) this.index = table;
    else m.leave(table);
  }

  /** Reads an object anywhere, without a walk, and any field of it. Only where the graph is indexed. */
  touch(): void {
    const { mutator: m, graph } = this;
    const id = below(this.next(), graph.count);
    const object = m.load(m.root(this.index!), id);
    if (m.tag(object) !== this.tagOf(id, this.versions[id])) this.wrong++;
    const slots = graph.first[id + 1] - graph.first[id];
    const words = (graph.payloadBytes[id] + 3) >> 2;
    if (slots + words === 0) return;
    const field = below(this.next(), slots + words);
    this.seen = (this.seen + (field < slots ? m.load(object, field) : m.payload(object, field - slots))) | 0;
  }

  /** Walks to an object anywhere, and a few edges on from there. */
  visit(): void {
    const { mutator: m } = this;
    const id = below(this.next(), this.graph.count);
    let object = this.find(id);
    if (m.tag(object) !== this.tagOf(id, this.versions[id])) this.wrong++;
    for (let step = 0; step < wander; step++) {
      const slots = m.references(object);
      const next = slots === 0 ? 0 : m.load(object, below(this.next(), slots));
      if (next === 0) break;
      object = next;
    }
    this.seen = (this.seen + m.tag(object)) | 0;
  }

  /** Drops a subtree anywhere, and puts a new one of the same shape in its place. */
  replace(): void {
    const { mutator: m, graph, versions } = this;
    const { firstEntry, entryFrom, entrySlot } = graph;
    const top = this.chooseTop();
    const count = graph.size[top];
    const fresh = m.enter(count);
    for (let i = 0; i < count; i++) {
      versions[top + i]++;
      const object = this.make(top + i, versions[top + i]);
      m.setRoot(fresh + i, object);
    }
    // No safepoint from here on: references in locals are good.
    const begin = firstEntry[top];
    this.copyEdges(top, count, m.load(this.find(entryFrom[begin]), entrySlot[begin]), fresh);
    for (let entry = begin; entry < firstEntry[top + 1]; entry++) {
      m.store(this.find(entryFrom[entry]), entrySlot[entry], m.root(fresh));
    }
    if (this.index !== undefined) {
      for (let i = 0; i < count; i++) m.store(m.root(this.index), top + i, m.root(fresh + i));
    }
    m.leave(fresh);
  }

  /** The tag of a version of an object. */
  tagOf(id: number, version: number): number {
    return (version << this.idBits) | id;
  }

  /** Which payload words of `words` hold the pattern: call with 0, then with each answer, until it is `words`. */
  nextPatternWord(word: number, words: number): number {
    if (word === words - 1) return words;
    return Math.min(word + patternStride, words - 1);
  }

  pattern(id: number, version: number, word: number): number {
    return (Math.imul(id, 0x9e3779b1) + Math.imul(version, 0x85ebca6b) + word) | 0;
  }

  private make(id: number, version: number): Reference {
    const { mutator: m, graph } = this;
    const references = graph.first[id + 1] - graph.first[id];
    const object = m.allocate(references, graph.payloadBytes[id], this.tagOf(id, version));
    const words = (graph.payloadBytes[id] + 3) >> 2;
    for (let word = 0; word < words; word = this.nextPatternWord(word, words)) {
      m.setPayload(object, word, this.pattern(id, version, word));
    }
    return object;
  }

  /** Any top that can be replaced, or one of those that dominate it, up to three levels up. */
  private chooseTop(): number {
    const { tops, dominator, firstEntry } = this.graph;
    const random = this.next();
    let top = tops[below(random, tops.length)];
    for (let levels = random & 3; levels > 0; levels--) {
      const above = dominator[top];
      if (above === none || firstEntry[above] === firstEntry[above + 1]) break;
      top = above;
    }
    return top;
  }

  /** The object `id`, along edges from its root. */
  find(id: number): Reference {
    const { mutator: m, way } = this;
    const { from, slot } = this.graph;
    let steps = 0;
    for (let at = id; at !== none; at = from[at]) way[steps++] = slot[at];
    let object = m.root(this.roots);
    while (steps > 0) object = m.load(object, way[--steps]);
    return object;
  }

  /** Gives the new objects the references of the old ones, found by following edges from the old top. */
  private copyEdges(top: number, count: number, oldTop: Reference, fresh: number): void {
    const { mutator: m, old, queue } = this;
    const { first, references } = this.graph;
    old.fill(0, 0, count);
    old[0] = oldTop;
    queue[0] = 0;
    let found = 1;
    for (let next = 0; next < found; next++) {
      const place = queue[next];
      const to = m.root(fresh + place);
      const begin = first[top + place];
      for (let at = begin; at < first[top + place + 1]; at++) {
        const value = m.load(old[place], at - begin);
        const inside = references[at] - top;
        if (inside < 0 || inside >= count) {
          m.store(to, at - begin, value);
          continue;
        }
        if (old[inside] === 0) {
          old[inside] = value;
          queue[found++] = inside;
        }
        m.store(to, at - begin, m.root(fresh + inside));
      }
    }
    if (found !== count) this.wrong++;
  }

  private next(): number {
    this.random = nextRandom(this.random);
    return this.random;
  }
}
