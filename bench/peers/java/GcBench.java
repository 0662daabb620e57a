/** GCBench, by John Ellis, Pete Kovac and Hans Boehm, in the steps of bench/workloads/gcbench.ts. */
final class GcBench implements Session {
  private static final int STRETCH_DEPTH = 18;
  private static final int LONG_LIVED_DEPTH = 16;
  private static final int DOUBLES = 500_000;
  private static final int LEAST_DEPTH = 4;
  private static final int MOST_DEPTH = 16;
  private static final int NODES_PER_BATCH = 1000;
  /** Stretch, long-lived tree and array; then top-down and bottom-up for each depth. */
  private static final int FIRST_TREES = 3;

  private static final int STEPS = FIRST_TREES + 2 * ((MOST_DEPTH - LEAST_DEPTH) / 2 + 1);

  private Tree longLived;
  private double[] array;
  private Tree tree;
  private int step;
  /** Trees of this step that are built. */
  private int built;
  private int wrongTrees;
  private int iterations;
  private Ending ending = Ending.MAY;

  private final Part part;

  GcBench(Part part) {
    this.part = part;
  }

  @Override
  public void setUp() {
    part.progress().at(1);
  }

  @Override
  public int batch() {
    boolean done = true;
    int nodes = 0;
    if (step == 0) {
      tree = Tree.make(STRETCH_DEPTH);
      drop(STRETCH_DEPTH);
      nodes = Tree.size(STRETCH_DEPTH);
    } else if (step == 1) {
      longLived = new Tree();
      longLived.populate(LONG_LIVED_DEPTH);
      nodes = Tree.size(LONG_LIVED_DEPTH);
    } else if (step == 2) {
      array = new double[DOUBLES];
      for (int i = 0; i < DOUBLES; i++) array[i] = doubleAt(i);
    } else {
      int depth = LEAST_DEPTH + 2 * ((step - FIRST_TREES) / 2);
      boolean bottomUp = (step - FIRST_TREES) % 2 == 1;
      int trees = 2 * Tree.size(STRETCH_DEPTH) / Tree.size(depth);
      int batch = (NODES_PER_BATCH + Tree.size(depth) - 1) / Tree.size(depth);
      int wanted = Math.min(trees - built, batch);
      for (int i = 0; i < wanted; i++) {
        if (bottomUp) {
          tree = Tree.make(depth);
        } else {
          tree = new Tree();
          tree.populate(depth);
        }
      }
      built += wanted;
      nodes = wanted * Tree.size(depth);
      done = built == trees;
      if (done) drop(depth);
      else tree = null;
    }
    if (done) {
      step = (step + 1) % STEPS;
      built = 0;
      if (step == 0) iterations++;
    }
    ending = done && step == 0 ? Ending.MAY : Ending.NOT_YET;
    return nodes;
  }

  @Override
  public Ending ending() {
    return ending;
  }

  @Override
  public Check check() {
    int nodes = Tree.size(LONG_LIVED_DEPTH);
    String problem = null;
    if (wrongTrees > 0) problem = wrongTrees + " trees had a wrong number of nodes";
    else if (Tree.count(longLived) != nodes) problem = "the long-lived tree has not " + nodes + " nodes";
    for (int i = 0; i < DOUBLES && problem == null; i++) {
      if (array[i] != doubleAt(i)) problem = "double " + i + " is " + array[i];
    }
    long bytes = nodes * Shapes.bytes(2, 8) + Shapes.bytes(0, 8L * DOUBLES);
    return new Check(problem, nodes + DOUBLES, iterations, bytes);
  }

  private void drop(int depth) {
    if (Tree.count(tree) != Tree.size(depth)) wrongTrees++;
    tree = null;
  }

  private static double doubleAt(int i) {
    return i > 0 && i < DOUBLES / 2 ? 1.0 / i : 0;
  }
}
