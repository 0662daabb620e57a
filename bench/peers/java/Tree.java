/** Binary trees, as GCBench builds them, bottom-up and top-down. */
final class Tree {
  Tree left;
  Tree right;
  /** With references of 4 B this makes 24 B, which is what Continuum's nodes have; with references of 8 B, 32. */
  int value;

  Tree() {}

  Tree(Tree left, Tree right) {
    this.left = left;
    this.right = right;
  }

  static int size(int depth) {
    return (1 << (depth + 1)) - 1;
  }

  /** Bottom-up. */
  static Tree make(int depth) {
    return depth <= 0 ? new Tree() : new Tree(make(depth - 1), make(depth - 1));
  }

  /** Top-down: gives the node children, and them theirs. */
  void populate(int depth) {
    if (depth <= 0) return;
    left = new Tree();
    right = new Tree();
    left.populate(depth - 1);
    right.populate(depth - 1);
  }

  /** Nodes of the tree, which may be none. */
  static int count(Tree tree) {
    return tree == null ? 0 : 1 + count(tree.left) + count(tree.right);
  }
}
