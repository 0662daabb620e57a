/**
 * GCBench, by John Ellis, Pete Kovac and Hans Boehm, with its usual constants: a tree that stretches the heap, one tree
 * and one array of doubles that stay, and binary trees of growing depth that die young, built top-down and bottom-up.
 *
 * An operation is a node made; a batch is trees until there are a thousand nodes. The run ends after a whole iteration,
 * so figures compare with published ones: an iteration is `nodesPerIteration` operations. `scale` does not apply, and
 * every mutator runs all of it.
 */
import type { Mutator } from '../../heap/index.js';
import { objectBytes } from './shapes.js';
import type { Check, Ending, Part, Session, Workload } from './workload.js';

const stretchDepth = 18;
const longLivedDepth = 16;
const doubles = 500_000;
const leastDepth = 4;
const mostDepth = 16;

const nodesPerBatch = 1000;
const nodeReferences = 2;
const nodePayloadBytes = 8;

function treeSize(depth: number): number {
  return 2 ** (depth + 1) - 1;
}

/** How many trees of a depth are built, each way. */
function treeCount(depth: number): number {
  return Math.floor((2 * treeSize(stretchDepth)) / treeSize(depth));
}

type Step =
  | { readonly kind: 'stretch' | 'long-lived' | 'array' }
  | { readonly kind: 'top-down' | 'bottom-up'; readonly depth: number; readonly trees: number };

const steps: readonly Step[] = [
  { kind: 'stretch' },
  { kind: 'long-lived' },
  { kind: 'array' },
  ...Array.from({ length: (mostDepth - leastDepth) / 2 + 1 }, (_, i) => leastDepth + 2 * i).flatMap((depth) =>
    (['top-down', 'bottom-up'] as const).map((kind) => ({ kind, depth, trees: treeCount(depth) })),
  ),
];

/** Operations of an iteration. */
export const nodesPerIteration = steps.reduce(
  (nodes, step) => nodes + ('trees' in step ? step.trees * treeSize(step.depth) : 0),
  treeSize(stretchDepth) + treeSize(longLivedDepth),
);

export const gcbench: Workload = {
  warmUpSeconds: 5,
  open: (mutator, part) => new GcBenchSession(mutator, part),
};

class GcBenchSession implements Session {
  ending: Ending = 'may';
  /** Root slots. */
  private readonly longLived: number;
  private readonly array: number;
  private readonly tree: number;
  private step = 0;
  /** Trees of this step that are built. */
  private built = 0;
  private wrongTrees = 0;
  private readonly double = new Float64Array(1);
  private readonly halves = new Int32Array(this.double.buffer);

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
  ) {
    this.longLived = mutator.enter(3);
    this.array = this.longLived + 1;
    this.tree = this.longLived + 2;
  }

  setUp(): void {
    this.part.progress(1);
  }

  batch(): number {
    const step = steps[this.step];
    const last = 'trees' in step ? this.buildSome(step) : this.once(step.kind);
    if (last.done) {
      this.step = (this.step + 1) % steps.length;
      this.built = 0;
    }
    this.ending = last.done && this.step === 0 ? 'may' : 'not-yet';
    return last.nodes;
  }

  check(): Check {
    const { mutator: m } = this;
    const nodes = treeSize(longLivedDepth);
    let problem: string | undefined;
    if (this.wrongTrees > 0) problem = `${this.wrongTrees} trees had a wrong number of nodes`;
    else if (this.count(this.longLived) !== nodes) problem = `the long-lived tree has not ${nodes} nodes`;
    for (let i = 0; i < doubles && problem === undefined; i++) {
      if (i % 1024 === 0) m.safepoint();
      if (this.readDouble(i) !== doubleAt(i)) problem = `double ${i} is ${this.readDouble(i)}`;
    }
    return {
      ...(problem !== undefined && { problem }),
      checked: nodes + doubles,
      objects: nodes + 1,
      bytes: nodes * objectBytes(nodeReferences, nodePayloadBytes) + objectBytes(0, 8 * doubles),
    };
  }

  private once(kind: 'stretch' | 'long-lived' | 'array'): { nodes: number; done: true } {
    const { mutator: m } = this;
    if (kind === 'stretch') {
      this.make(stretchDepth, this.tree);
      this.drop(stretchDepth);
      return { nodes: treeSize(stretchDepth), done: true };
    }
    if (kind === 'long-lived') {
      m.setRoot(this.longLived, m.allocate(nodeReferences, nodePayloadBytes));
      this.populate(longLivedDepth, this.longLived);
      return { nodes: treeSize(longLivedDepth), done: true };
    }
    m.setRoot(this.array, m.allocate(0, 8 * doubles));
    for (let i = 0; i < doubles; i++) {
      if (i % 1024 === 0) m.safepoint();
      this.writeDouble(i, doubleAt(i));
    }
    return { nodes: 0, done: true };
  }

  private buildSome({ kind, depth, trees }: Extract<Step, { trees: number }>): { nodes: number; done: boolean } {
    const { mutator: m } = this;
    const wanted = Math.min(trees - this.built, Math.ceil(nodesPerBatch / treeSize(depth)));
    for (let i = 0; i < wanted; i++) {
      if (kind === 'bottom-up') {
        this.make(depth, this.tree);
      } else {
        m.setRoot(this.tree, m.allocate(nodeReferences, nodePayloadBytes));
        this.populate(depth, this.tree);
      }
    }
    this.built += wanted;
    const done = this.built === trees;
    // One tree of each kind is counted; counting all of them would be a benchmark of its own.
    if (done) this.drop(depth);
    else m.setRoot(this.tree, 0);
    return { nodes: wanted * treeSize(depth), done };
  }

  /** Counts the tree just built, and lets go of it. */
  private drop(depth: number): void {
    if (this.count(this.tree) !== treeSize(depth)) this.wrongTrees++;
    this.mutator.setRoot(this.tree, 0);
  }

  /** Bottom-up: a tree of `depth` in root slot `slot`. */
  private make(depth: number, slot: number): void {
    const { mutator: m } = this;
    if (depth <= 0) {
      m.setRoot(slot, m.allocate(nodeReferences, nodePayloadBytes));
      return;
    }
    const frame = m.enter(2);
    this.make(depth - 1, frame);
    this.make(depth - 1, frame + 1);
    const node = m.allocate(nodeReferences, nodePayloadBytes);
    m.store(node, 0, m.root(frame));
    m.store(node, 1, m.root(frame + 1));
    m.leave(frame);
    m.setRoot(slot, node);
  }

  /** Top-down: gives the node in root slot `slot` children, and them theirs. */
  private populate(depth: number, slot: number): void {
    const { mutator: m } = this;
    if (depth <= 0) return;
    for (let side = 0; side < nodeReferences; side++) {
      const child = m.allocate(nodeReferences, nodePayloadBytes);
      m.store(m.root(slot), side, child);
    }
    if (depth === 1) return;
    const frame = m.enter(1);
    for (let side = 0; side < nodeReferences; side++) {
      m.setRoot(frame, m.load(m.root(slot), side));
      this.populate(depth - 1, frame);
    }
    m.leave(frame);
  }

  /** Nodes of the tree in root slot `slot`. */
  private count(slot: number): number {
    const { mutator: m } = this;
    m.safepoint();
    if (m.root(slot) === 0) return 0;
    const frame = m.enter(1);
    let nodes = 1;
    for (let side = 0; side < nodeReferences; side++) {
      m.setRoot(frame, m.load(m.root(slot), side));
      nodes += this.count(frame);
    }
    m.leave(frame);
    return nodes;
  }

  private readDouble(i: number): number {
    const { mutator: m, halves } = this;
    const array = m.root(this.array);
    halves[0] = m.payload(array, 2 * i);
    halves[1] = m.payload(array, 2 * i + 1);
    return this.double[0];
  }

  private writeDouble(i: number, value: number): void {
    const { mutator: m, halves } = this;
    const array = m.root(this.array);
    this.double[0] = value;
    m.setPayload(array, 2 * i, halves[0]);
    m.setPayload(array, 2 * i + 1, halves[1]);
  }
}

/** The original fills the first half, but for element 0. */
function doubleAt(i: number): number {
  return i > 0 && i < doubles / 2 ? 1 / i : 0;
}
