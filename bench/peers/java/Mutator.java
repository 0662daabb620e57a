/** A mutator thread, step by step as in bench/invocation/mutator-thread.ts. */
final class Mutator extends Thread {
  final Histogram batches = new Histogram();
  volatile double progress;
  long operations;
  long wallNs;
  Session.Check check;

  private final Peer peer;
  private final Session session;

  Mutator(Peer peer, int index) {
    super("mutator " + index);
    this.peer = peer;
    session = open(peer, new Session.Part(peer.scale, peer.mutators, peer.seed + index, at -> progress = at));
  }

  private static Session open(Peer peer, Session.Part part) {
    return switch (peer.workload) {
      case "churn" -> new Churn(part);
      case "fullgc" -> new FullGc(part);
      case "gcbench" -> new GcBench(part);
      case "binarytrees" -> new BinaryTrees(part);
      default -> throw new IllegalArgumentException("no such workload: " + peer.workload);
    };
  }

  @Override
  public void run() {
    try {
      session.setUp();
      peer.gate.pass();
      if (!peer.over) drive(peer.warmUpOperations, null);
      peer.gate.pass();
      long began = System.nanoTime();
      operations = drive(peer.operations, batches);
      wallNs = System.nanoTime() - began;
      peer.gate.pass();
      check = session.check();
      peer.gate.pass();
    } catch (Throwable failure) {
      Peer.fail(failure);
    }
  }

  /** Batch after batch until so many are done, or the step is over, and the session can end. Returns how many were. */
  private long drive(long wanted, Histogram times) {
    long done = 0;
    for (long before = System.nanoTime(); ; ) {
      done += session.batch();
      long now = System.nanoTime();
      if (times != null) times.record(now - before);
      before = now;
      Session.Ending ending = session.ending();
      boolean enough = wanted > 0 ? done >= wanted : peer.over;
      if (ending == Session.Ending.MUST || (ending == Session.Ending.MAY && enough)) return done;
    }
  }
}
