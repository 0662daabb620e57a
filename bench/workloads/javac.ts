/**
 * Javac: the heap of a compiler at work, walked and replaced piece by piece. An operation is, half each, a walk from a
 * root to an object anywhere and a few edges on, or the replacement of an object and all it dominates.
 *
 * A share of more than one graph is several copies, a share of less the part of it nearest to the roots.
 */
import type { Mutator } from '../../heap/index.js';
import { GraphError, readGraph, shippedGraphPath } from '../graph/index.js';
import { wrongWith } from './javac/check.js';
import { LiveGraph } from './javac/live-graph.js';
import { portion } from './javac/portion.js';
import { type SharedGraph, shareGraph } from './javac/shared-graph.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Scope, Session, Workload } from './workload.js';

const operationsPerBatch = 1000;

export const javac: Workload = {
  warmUpSeconds: 5,
  prepare: prepareGraph,
  open: openGraph,
};

/**
 * A graph, the shipped one unless the scope names another, or the part of it that each mutator has.
 *
 * @throws GraphError there is no such file, or nothing in it that can be replaced
 */
export function prepareGraph(scope: Scope): SharedGraph {
  const path = scope.graph ?? shippedGraphPath();
  const { part } = sharesOf(scope);
  const shared = shareGraph(portion(readGraph(path), part));
  if (shared.tops.length > 0) return shared;
  throw new GraphError(
    'UNSUPPORTED',
    `none of ${shared.count} objects can be replaced: each is a root, or has too many edges that lead to it`,
    { path },
    part < 1 ? 'use a larger --scale, or another graph' : 'use another graph',
  );
}

/** A mutator's copies of the graph that was prepared. */
export function openGraph(mutator: Mutator, part: Part): Session {
  return new GraphSession(mutator, part, part.prepared as SharedGraph);
}

/** What each mutator has: so many copies of such a part of the graph. */
function sharesOf({ scale, mutators }: Scope): { copies: number; part: number } {
  const share = scale / mutators;
  const copies = Math.ceil(share);
  return { copies, part: share / copies };
}

class GraphSession implements Session {
  private readonly copies: readonly LiveGraph[];
  private batches = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
    graph: SharedGraph,
  ) {
    const { copies } = sharesOf(part);
    this.copies = Array.from({ length: copies }, (_, i) => new LiveGraph(mutator, graph, part.seed * copies + i));
  }

  setUp(): void {
    for (const [i, copy] of this.copies.entries()) {
      copy.load((fraction) => this.part.progress((i + fraction) / this.copies.length));
    }
  }

  batch(operations = operationsPerBatch): number {
    const copy = this.copies[this.batches % this.copies.length];
    this.batches++;
    for (let i = 0; i < operations; i += 2) {
      copy.visit();
      copy.replace();
    }
    return operations;
  }

  check(): Check {
    return checkCopies(this.mutator, this.copies);
  }
}

/** Checks every copy, and adds up what they keep alive. */
export function checkCopies(mutator: Mutator, copies: readonly LiveGraph[]): Check {
  let problem: string | undefined;
  let bytes = 0;
  let objects = 0;
  for (const copy of copies) {
    problem ??= wrongWith(mutator, copy);
    const { count, first, payloadBytes, roots } = copy.graph;
    for (let id = 0; id < count; id++) bytes += objectBytes(first[id + 1] - first[id], payloadBytes[id]);
    bytes += objectBytes(roots.length, 0);
    objects += count + 1;
    if (copy.index === undefined) continue;
    bytes += objectBytes(count, 0);
    objects++;
  }
  return { ...(problem !== undefined && { problem }), checked: objects, objects, bytes };
}
