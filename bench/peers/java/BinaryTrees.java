/** The Benchmarks Game's binary trees, in the steps of bench/workloads/binarytrees.ts. */
final class BinaryTrees implements Session {
  private static final int FULL_DEPTH = 20;
  private static final int LEAST_DEPTH = 4;
  private static final int NODES_PER_BATCH = 1000;
  private static final int STRETCH = 0;
  private static final int LONG_LIVED = 1;

  private final Part part;
  /** Of the tree that stays. */
  private final int depth;
  private Node longLived;
  private Node tree;
  /** What is made next: a stretch tree, a tree to stay, or trees of a depth. */
  private int next = STRETCH;
  /** Trees of this depth that were made. */
  private int made;
  /** Trees made in all. */
  private int trees;
  private String problem;

  BinaryTrees(Part part) {
    this.part = part;
    double leaves = Math.pow(2, FULL_DEPTH) * part.scale() / part.mutators();
    depth = Integer.numberOfTrailingZeros(Bits.powerOfTwoBelow(leaves, 1 << (LEAST_DEPTH + 2)));
  }

  @Override
  public void setUp() {
    part.progress().at(1);
  }

  @Override
  public int batch() {
    if (next == STRETCH) {
      longLived = null;
      next = LONG_LIVED;
      return makeAndDrop(depth + 1);
    }
    if (next == LONG_LIVED) {
      longLived = Node.make(depth, 1);
      next = LEAST_DEPTH;
      return Tree.size(depth);
    }
    return someOf(next);
  }

  @Override
  public Check check() {
    int nodes = longLived == null ? 0 : Tree.size(depth);
    if (nodes > 0) compare(longLived, depth, "the tree that stays");
    return new Check(problem, nodes, trees, nodes * Shapes.bytes(2, 0));
  }

  private int someOf(int depth) {
    int all = 1 << (this.depth - depth + LEAST_DEPTH);
    int batch = (NODES_PER_BATCH + Tree.size(depth) - 1) / Tree.size(depth);
    int wanted = Math.min(all - made, batch);
    for (int i = 0; i < wanted; i++) makeAndDrop(depth);
    made += wanted;
    if (made == all) {
      made = 0;
      next = depth + 2 <= this.depth ? depth + 2 : STRETCH;
    }
    return wanted * Tree.size(depth);
  }

  /** Makes a tree, counts its nodes, and lets go of it. Returns how many there are. */
  private int makeAndDrop(int depth) {
    tree = Node.make(depth, 1);
    compare(tree, depth, "a tree of depth " + depth);
    tree = null;
    trees++;
    return Tree.size(depth);
  }

  private void compare(Node root, int depth, String name) {
    int nodes = Node.count(root, depth, 1);
    if (nodes != Tree.size(depth) && problem == null) {
      problem = name + " has " + nodes + " nodes in their places, not " + Tree.size(depth);
    }
  }

  /** A node and its place: below `i` are `2i` and `2i + 1`. 24 B with references of 4 B, 32 with 8; ours has 16. */
  private static final class Node {
    final Node left;
    final Node right;
    final int place;

    Node(Node left, Node right, int place) {
      this.left = left;
      this.right = right;
      this.place = place;
    }

    static Node make(int depth, int place) {
      if (depth == 0) return new Node(null, null, place);
      return new Node(make(depth - 1, 2 * place), make(depth - 1, 2 * place + 1), place);
    }

    /** Nodes in their places, no deeper than `depth`. */
    static int count(Node node, int depth, int place) {
      if (node == null || node.place != place) return 0;
      if (depth == 0) return node.left == null && node.right == null ? 1 : 0;
      return 1 + count(node.left, depth - 1, 2 * place) + count(node.right, depth - 1, 2 * place + 1);
    }
  }
}
