/** Compares a copy of a graph with the graph: every object, its shape, version and pattern, and every edge. */
import type { Mutator, Reference } from '../../../heap/index.js';
import type { LiveGraph } from './live-graph.js';
import { none } from './shared-graph.js';

/** The first thing that is wrong. Without a safepoint: a million objects take about half a second. */
export function wrongWith(mutator: Mutator, live: LiveGraph): string | undefined {
  if (live.wrong > 0) return `${live.wrong} walks met a wrong object`;
  return new Comparison(mutator, live).run();
}

class Comparison {
  /** Object → where it was found. */
  private readonly found: Int32Array;
  /** Objects found, in that order. */
  private readonly queue: Uint32Array;
  private count = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly live: LiveGraph,
  ) {
    this.found = new Int32Array(live.graph.count);
    this.queue = new Uint32Array(live.graph.count);
  }

  run(): string | undefined {
    const { mutator: m, live } = this;
    const { roots, count } = live.graph;
    const holder = m.root(live.roots);
    let problem: string | undefined;
    for (let i = 0; i < roots.length && problem === undefined; i++) {
      problem = this.meet(roots[i], m.load(holder, i), none, i);
    }
    for (let next = 0; next < this.count && problem === undefined; next++) {
      const id = this.queue[next];
      problem = this.wrongObject(id, this.found[id]) ?? this.wrongEdges(id, this.found[id]);
    }
    if (problem === undefined && this.count !== count) return `${this.count} of ${count} objects can be reached`;
    return problem ?? this.wrongIndex();
  }

  /** The index, where there is one, is to lead to the very objects that the roots do. */
  private wrongIndex(): string | undefined {
    const { mutator: m, live, found } = this;
    if (live.index === undefined) return undefined;
    const index = m.root(live.index);
    const id = found.findIndex((object, at) => m.load(index, at) !== object);
    return id < 0 ? undefined : `the index leads to another object ${id}`;
  }

  /** The reference in `slot` of `holder` is to lead to `id`, and to where all others that lead there do. */
  private meet(id: number, object: Reference, holder: number, slot: number): string | undefined {
    if (id === none || object === 0) {
      return id === none && object === 0
        ? undefined
        : `slot ${slot} of object ${holder} is ${object}, not object ${id}`;
    }
    if (this.found[id] === 0) {
      this.found[id] = object;
      this.queue[this.count++] = id;
    }
    return this.found[id] === object ? undefined : `slot ${slot} of object ${holder} leads to another object ${id}`;
  }

  private wrongObject(id: number, object: Reference): string | undefined {
    const { mutator: m, live } = this;
    const { first, payloadBytes } = live.graph;
    const version = live.versions[id];
    const tag = live.tagOf(id, version);
    if (m.tag(object) !== tag) return `object ${id}, version ${version}, has tag ${m.tag(object)}, not ${tag}`;
    const references = first[id + 1] - first[id];
    if (m.references(object) !== references) {
      return `object ${id} has ${m.references(object)} references, not ${references}`;
    }
    const words = (payloadBytes[id] + 3) >> 2;
    for (let word = 0; word < words; word = live.nextPatternWord(word, words)) {
      if (m.payload(object, word) !== live.pattern(id, version, word)) return `object ${id}: payload word ${word}`;
    }
    return undefined;
  }

  private wrongEdges(id: number, object: Reference): string | undefined {
    const { mutator: m, live } = this;
    const { first, references } = live.graph;
    const begin = first[id];
    for (let at = begin; at < first[id + 1]; at++) {
      const problem = this.meet(references[at], m.load(object, at - begin), id, at - begin);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
}
