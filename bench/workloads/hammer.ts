/**
 * Hammer: the worst case for compaction driven by faults. The heap of javac, and a mutator that jumps about all of it
 * without a break: right after a flip nearly every operation meets a page that nobody has made ready yet, so that faults
 * publish as much as they ever will, and one batch bears the most of them.
 *
 * An operation reads any field of any object, found through an array of all of them and not by a walk, whose first
 * pages would be the same each time. Every sixteenth replaces an object and what it dominates, as javac does, which
 * leaves the holes that make a collection worth its while.
 */
import type { Mutator } from '../../heap/index.js';
import { LiveGraph } from './javac/live-graph.js';
import type { SharedGraph } from './javac/shared-graph.js';
import { checkCopies, prepareGraph } from './javac.js';
import type { Check, Part, Session, Workload } from './workload.js';

const operationsPerBatch = 1000;
/** Of so many operations one is a replacement. */
const period = 16;

export const hammer: Workload = {
  warmUpSeconds: 5,
  prepare: prepareGraph,
  open: (mutator, part) => new HammerSession(mutator, part, part.prepared as SharedGraph),
};

class HammerSession implements Session {
  private readonly live: LiveGraph;
  private operations = 0;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
    graph: SharedGraph,
  ) {
    this.live = new LiveGraph(mutator, graph, part.seed, true);
  }

  setUp(): void {
    this.live.load(this.part.progress);
  }

  batch(operations = operationsPerBatch): number {
    const { live } = this;
    for (let i = 0; i < operations; i++) {
      if (++this.operations % period === 0) live.replace();
      else live.touch();
    }
    this.mutator.safepoint();
    return operations;
  }

  check(): Check {
    return checkCopies(this.mutator, [this.live]);
  }
}
