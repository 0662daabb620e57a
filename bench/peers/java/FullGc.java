import java.util.concurrent.locks.LockSupport;

/** A table of objects of 64 B, of which half are dropped, and one collection of all: bench/workloads/fullgc.ts. */
final class FullGc implements Session {
  private static final int FULL_SIZE = 1 << 24;
  private static final int STRIDE = 1024;
  private static final long LOOK_NS = 1_000_000;

  /** The one collection that all mutators wait for. */
  private static Thread collection;

  private final Part part;
  private final int mask;
  private final int seed;
  private final Shapes.Entry[] table;
  private int random;
  private int wrongLooks;
  private Ending ending = Ending.MAY;

  FullGc(Part part) {
    this.part = part;
    mask = Bits.powerOfTwoBelow(FULL_SIZE * part.scale() / part.mutators(), 16) - 1;
    seed = Bits.mix(part.seed());
    random = Bits.seedState(part.seed(), 1);
    table = new Shapes.Entry[mask + 1];
  }

  @Override
  public void setUp() {
    for (int i = 0; i <= mask; i++) {
      if (i % STRIDE == 0) part.progress().at(i / (double) mask * 0.5);
      table[i] = Shapes.entry(i, i, ~i);
    }
    for (int i = 0; i <= mask; i++) {
      if (i % STRIDE == 0) part.progress().at(0.5 + i / (double) mask * 0.5);
      if (keeps(i)) {
        table[i].a = table[near(i)];
        table[i].b = table[far(i)];
      } else {
        table[i] = null;
      }
    }
  }

  @Override
  public int batch() {
    Thread collecting = theCollection();
    while (collecting.isAlive()) {
      LockSupport.parkNanos(LOOK_NS);
      look();
    }
    ending = Ending.MUST;
    return 1;
  }

  @Override
  public Ending ending() {
    return ending;
  }

  @Override
  public Check check() {
    String problem =
        wrongLooks > 0 ? wrongLooks + " looks during the collection saw a wrong object" : null;
    int kept = 0;
    int checksum = 0;
    for (int i = 0; i <= mask && problem == null; i++) {
      if (i % STRIDE == 0) part.progress().at(i / (double) mask);
      problem = wrongWith(i);
      if (problem != null || table[i] == null) continue;
      kept++;
      checksum = Bits.mix(checksum ^ table[i].a.tag) + table[i].b.tag;
    }
    long bytes = Shapes.bytes(mask + 1L, 0) + kept * Shapes.bytes(2, 48);
    return new Check(problem, mask + 1L, checksum, bytes);
  }

  private static synchronized Thread theCollection() {
    if (collection == null) {
      collection = new Thread(System::gc, "full collection");
      collection.start();
    }
    return collection;
  }

  private boolean keeps(int i) {
    return (Bits.mix(i ^ seed) & 1) == 0;
  }

  private int keptFrom(int i) {
    int at = i & mask;
    for (int tried = 0; tried <= mask; tried++, at = (at + 1) & mask) if (keeps(at)) return at;
    return i & mask;
  }

  private int near(int i) {
    return keptFrom(i + 1);
  }

  private int far(int i) {
    return keptFrom(Bits.mix(i + seed) >>> 3);
  }

  private void look() {
    random = Bits.nextRandom(random);
    int i = keptFrom(random >>> 3);
    if (table[i].b.tag != far(i)) wrongLooks++;
  }

  private String wrongWith(int i) {
    Shapes.Entry object = table[i];
    if (!keeps(i)) return object == null ? null : "entry " + i + " was dropped and is there";
    if (object == null) return "entry " + i + " is null";
    if (object.tag != i || object.first != i || object.last != ~i) {
      return "entry " + i + " holds tag " + object.tag + " and payload " + object.first + " … " + object.last;
    }
    if (object.a != table[near(i)]) return "the near edge of entry " + i + " is wrong";
    if (object.b != table[far(i)]) return "the random edge of entry " + i + " is wrong";
    return null;
  }
}
