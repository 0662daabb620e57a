/** The Benchmarks Game's binary trees, in the steps of bench/workloads/binarytrees.ts. */
import { powerOfTwoBelow } from '../../workloads/arithmetic.js';
import { type Check, ourBytes, type Part, type Session } from './session.js';

const fullDepth = 20;
const leastDepth = 4;
const nodesPerBatch = 1000;

/** A node's place: below `i` are `2i` and `2i + 1`. */
class Node {
  constructor(
    readonly left: Node | null,
    readonly right: Node | null,
    readonly place: number,
  ) {}
}

function treeSize(depth: number): number {
  return 2 ** (depth + 1) - 1;
}

function make(depth: number, place: number): Node {
  if (depth === 0) return new Node(null, null, place);
  return new Node(make(depth - 1, 2 * place), make(depth - 1, 2 * place + 1), place);
}

/** Nodes in their places, no deeper than `depth`. */
function count(node: Node | null, depth: number, place: number): number {
  if (node === null || node.place !== place) return 0;
  if (depth === 0) return node.left === null && node.right === null ? 1 : 0;
  return 1 + count(node.left, depth - 1, 2 * place) + count(node.right, depth - 1, 2 * place + 1);
}

export class BinaryTrees implements Session {
  /** Of the tree that stays. */
  private readonly depth: number;
  private longLived: Node | null = null;
  private tree: Node | null = null;
  private next: 'stretch' | 'long-lived' | number = 'stretch';
  /** Trees of this depth that were made. */
  private made = 0;
  /** Trees made in all. */
  private trees = 0;
  private problem: string | undefined;

  constructor(private readonly part: Part) {
    this.depth = Math.log2(powerOfTwoBelow(2 ** fullDepth * part.scale, 2 ** (leastDepth + 2)));
  }

  setUp(): void {
    this.part.progress(1);
  }

  batch(): number {
    if (this.next === 'stretch') {
      this.longLived = null;
      this.next = 'long-lived';
      return this.makeAndDrop(this.depth + 1);
    }
    if (this.next === 'long-lived') {
      this.longLived = make(this.depth, 1);
      this.next = leastDepth;
      return treeSize(this.depth);
    }
    return this.someOf(this.next);
  }

  check(): Check {
    const nodes = this.longLived === null ? 0 : treeSize(this.depth);
    if (nodes > 0) this.compare(this.longLived, this.depth, 'the tree that stays');
    return {
      ...(this.problem !== undefined && { problem: this.problem }),
      checked: nodes,
      checksum: this.trees,
      bytes: nodes * ourBytes(2, 0),
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
    this.tree = make(depth, 1);
    this.compare(this.tree, depth, `a tree of depth ${depth}`);
    this.tree = null;
    this.trees++;
    return treeSize(depth);
  }

  private compare(root: Node | null, depth: number, name: string): void {
    const nodes = count(root, depth, 1);
    if (nodes !== treeSize(depth))
      this.problem ??= `${name} has ${nodes} nodes in their places, not ${treeSize(depth)}`;
  }
}
