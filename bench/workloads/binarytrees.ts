/**
 * Binary trees, the Benchmarks Game's, after a benchmark of Hans Boehm's: a tree that stretches the heap, one that
 * stays, and for each depth of 4, 6, … to the greatest as many trees, made bottom-up and counted, as have about the same
 * number of nodes. Then it begins again.
 *
 * With depth D and at full size D = 20: the stretch tree has depth D+1, the one that stays D, and of depth d there are
 * 2^(D-d+4). An operation is a node made; a batch is trees until there are a thousand nodes, or one tree. A smaller
 * `scale`, and more mutators, make trees less deep, a level for each half. Nothing of it is random.
 */
import type { Mutator } from '../../heap/index.js';
import { powerOfTwoBelow } from './arithmetic.js';
import { objectBytes } from './shapes.js';
import type { Check, Part, Session, Workload } from './workload.js';

const fullDepth = 20;
const leastDepth = 4;
const nodesPerBatch = 1000;
const references = 2;

function treeSize(depth: number): number {
  return 2 ** (depth + 1) - 1;
}

export const binarytrees: Workload = {
  warmUpSeconds: 5,
  open: (mutator, part) => new BinaryTreesSession(mutator, part),
};

class BinaryTreesSession implements Session {
  /** Of the tree that stays. */
  private readonly depth: number;
  /** Root slots. */
  private readonly longLived: number;
  private readonly tree: number;
  /** What is made next: a stretch tree, a tree to stay, or trees of a depth. */
  private next: 'stretch' | 'long-lived' | number = 'stretch';
  /** Trees of this depth that were made. */
  private made = 0;
  private problem: string | undefined;

  constructor(
    private readonly mutator: Mutator,
    private readonly part: Part,
  ) {
    const leaves = powerOfTwoBelow((2 ** fullDepth * part.scale) / part.mutators, 2 ** (leastDepth + 2));
    this.depth = Math.log2(leaves);
    this.longLived = mutator.enter(2);
    this.tree = this.longLived + 1;
  }

  setUp(): void {
    this.part.progress(1);
  }

  batch(): number {
    if (this.next === 'stretch') {
      this.mutator.setRoot(this.longLived, 0);
      this.next = 'long-lived';
      return this.makeAndDrop(this.depth + 1);
    }
    if (this.next === 'long-lived') {
      this.make(this.depth, 1, this.longLived);
      this.next = leastDepth;
      return treeSize(this.depth);
    }
    return this.someOf(this.next);
  }

  /** Between two batches the tree that stays is all there is, if that. */
  check(): Check {
    const nodes = this.mutator.root(this.longLived) === 0 ? 0 : treeSize(this.depth);
    if (nodes > 0) this.compare(this.longLived, this.depth, 'the tree that stays');
    return {
      ...(this.problem !== undefined && { problem: this.problem }),
      checked: nodes,
      objects: nodes,
      bytes: nodes * objectBytes(references, 0),
    };
  }

  private someOf(depth: number): number {
    const trees = 2 ** (this.depth - depth + leastDepth);
    const wanted = Math.min(trees - this.made, Math.ceil(nodesPerBatch / treeSize(depth)));
    for (let i = 0; i < wanted; i++) this.makeAndDrop(depth);
    this.made += wanted;
    if (this.made === trees) {
      this.made = 0;
      this.next = depth + 2 <= this.depth ? depth + 2 : 'stretch';
    }
    return wanted * treeSize(depth);
  }

  /** Makes a tree, counts its nodes, and lets go of it. Returns how many there are. */
  private makeAndDrop(depth: number): number {
    this.make(depth, 1, this.tree);
    this.compare(this.tree, depth, `a tree of depth ${depth}`);
    this.mutator.setRoot(this.tree, 0);
    return treeSize(depth);
  }

  /** Bottom-up: a tree of `depth` in root slot `slot`. A node's tag is its place: below `i` are `2i` and `2i + 1`. */
  private make(depth: number, place: number, slot: number): void {
    const { mutator: m } = this;
    if (depth === 0) {
      m.setRoot(slot, m.allocate(references, 0, place));
      return;
    }
    const frame = m.enter(2);
    this.make(depth - 1, 2 * place, frame);
    this.make(depth - 1, 2 * place + 1, frame + 1);
    const node = m.allocate(references, 0, place);
    m.store(node, 0, m.root(frame));
    m.store(node, 1, m.root(frame + 1));
    m.leave(frame);
    m.setRoot(slot, node);
  }

  private compare(slot: number, depth: number, name: string): void {
    const nodes = this.count(slot, depth, 1);
    if (nodes !== treeSize(depth))
      this.problem ??= `${name} has ${nodes} nodes in their places, not ${treeSize(depth)}`;
  }

  /** Nodes in their places of the tree in root slot `slot`, no deeper than `depth`. */
  private count(slot: number, depth: number, place: number): number {
    const { mutator: m } = this;
    m.safepoint();
    const node = m.root(slot);
    if (node === 0 || m.references(node) !== references || m.tag(node) !== place) return 0;
    if (depth === 0) return m.load(node, 0) === 0 && m.load(node, 1) === 0 ? 1 : 0;
    const frame = m.enter(1);
    let nodes = 1;
    for (let side = 0; side < references; side++) {
      m.setRoot(frame, m.load(m.root(slot), side));
      nodes += this.count(frame, depth - 1, 2 * place + side);
    }
    m.leave(frame);
    return nodes;
  }
}
