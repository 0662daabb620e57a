/** GCBench, by John Ellis, Pete Kovac and Hans Boehm, in the steps of bench/workloads/gcbench.ts. */
import type { Ending } from '../../workloads/workload.js';
import { type Check, ourBytes, type Part, type Session } from './session.js';

const stretchDepth = 18;
const longLivedDepth = 16;
const doubles = 500_000;
const leastDepth = 4;
const mostDepth = 16;
const nodesPerBatch = 1000;
/** Stretch, long-lived tree and array; then top-down and bottom-up for each depth. */
const firstTrees = 3;
const steps = firstTrees + 2 * ((mostDepth - leastDepth) / 2 + 1);

class Tree {
  constructor(
    public left: Tree | null = null,
    public right: Tree | null = null,
  ) {}
}

function treeSize(depth: number): number {
  return 2 ** (depth + 1) - 1;
}

/** Bottom-up. */
function make(depth: number): Tree {
  return depth <= 0 ? new Tree() : new Tree(make(depth - 1), make(depth - 1));
}

/** Top-down: gives the node children, and them theirs. */
function populate(tree: Tree, depth: number): void {
  if (depth <= 0) return;
  tree.left = new Tree();
  tree.right = new Tree();
  populate(tree.left, depth - 1);
  populate(tree.right, depth - 1);
}

function count(tree: Tree | null): number {
  return tree === null ? 0 : 1 + count(tree.left) + count(tree.right);
}

export class GcBench implements Session {
  ending: Ending = 'may';
  private longLived: Tree | null = null;
  private array: number[] = [];
  private tree: Tree | null = null;
  private step = 0;
  /** Trees of this step that are built. */
  private built = 0;
  private wrongTrees = 0;
  private iterations = 0;

  constructor(private readonly part: Part) {}

  setUp(): void {
    this.part.progress(1);
  }

  batch(): number {
    const { nodes, done } = this.step < firstTrees ? this.once() : this.buildSome();
    if (done) {
      this.step = (this.step + 1) % steps;
      this.built = 0;
      if (this.step === 0) this.iterations++;
    }
    this.ending = done && this.step === 0 ? 'may' : 'not-yet';
    return nodes;
  }

  check(): Check {
    const nodes = treeSize(longLivedDepth);
    let problem: string | undefined;
    if (this.wrongTrees > 0) problem = `${this.wrongTrees} trees had a wrong number of nodes`;
    else if (count(this.longLived) !== nodes) problem = `the long-lived tree has not ${nodes} nodes`;
    for (let i = 0; i < doubles && problem === undefined; i++) {
      if (this.array[i] !== doubleAt(i)) problem = `double ${i} is ${this.array[i]}`;
    }
    return {
      ...(problem !== undefined && { problem }),
      checked: nodes + doubles,
      checksum: this.iterations,
      bytes: nodes * ourBytes(2, 8) + ourBytes(0, 8 * doubles),
    };
  }

  private once(): { nodes: number; done: true } {
    if (this.step === 0) {
      this.tree = make(stretchDepth);
      this.drop(stretchDepth);
      return { nodes: treeSize(stretchDepth), done: true };
    }
    if (this.step === 1) {
      this.longLived = new Tree();
      populate(this.longLived, longLivedDepth);
      return { nodes: treeSize(longLivedDepth), done: true };
    }
    // Filled with what is no integer, an array is one of bare doubles.
    this.array = new Array<number>(doubles).fill(0.5);
    for (let i = 0; i < doubles; i++) this.array[i] = doubleAt(i);
    return { nodes: 0, done: true };
  }

  private buildSome(): { nodes: number; done: boolean } {
    const depth = leastDepth + 2 * Math.floor((this.step - firstTrees) / 2);
    const bottomUp = (this.step - firstTrees) % 2 === 1;
    const trees = Math.floor((2 * treeSize(stretchDepth)) / treeSize(depth));
    const wanted = Math.min(trees - this.built, Math.ceil(nodesPerBatch / treeSize(depth)));
    for (let i = 0; i < wanted; i++) {
      if (bottomUp) {
        this.tree = make(depth);
      } else {
        this.tree = new Tree();
        populate(this.tree, depth);
      }
    }
    this.built += wanted;
    const done = this.built === trees;
    if (done) this.drop(depth);
    else this.tree = null;
    return { nodes: wanted * treeSize(depth), done };
  }

  private drop(depth: number): void {
    if (count(this.tree) !== treeSize(depth)) this.wrongTrees++;
    this.tree = null;
  }
}

function doubleAt(i: number): number {
  return i > 0 && i < doubles / 2 ? 1 / i : 0;
}
