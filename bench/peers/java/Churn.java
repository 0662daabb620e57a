/** A table of objects of 64 B that are replaced and followed at random: bench/workloads/churn.ts. */
final class Churn implements Session {
  private static final int FULL_SIZE = 1 << 23;
  private static final int OPERATIONS_PER_BATCH = 1000;
  private static final int HOPS = 4;
  private static final int RING_SLOTS = 1024;
  private static final int A = 0x9e3779b1;
  private static final int B = 0x85ebca6b;
  private static final int INVERSE_A = Bits.inverse(A);
  private static final int INVERSE_B = Bits.inverse(B);
  private static final int STRIDE = 1024;

  private final Part part;
  private final int mask;
  private final Shapes.Entry[] table;
  private final Shapes.Entry[] ring = new Shapes.Entry[RING_SLOTS];
  private int random;
  private int ringAt;
  /** Checksum of what was replaced and what was found. */
  private int done;

  Churn(Part part) {
    this.part = part;
    mask = Bits.powerOfTwoBelow(FULL_SIZE * part.scale() / part.mutators(), 2) - 1;
    random = Bits.seedState(part.seed(), 0);
    table = new Shapes.Entry[mask + 1];
  }

  @Override
  public void setUp() {
    for (int i = 0; i <= mask; i++) {
      if (i % STRIDE == 0) part.progress().at(i / (double) mask / 2);
      table[i] = make(i);
    }
    for (int i = 0; i <= mask; i++) {
      if (i % STRIDE == 0) part.progress().at(0.5 + i / (double) mask / 2);
      table[i].a = table[(i * A + 1) & mask];
      table[i].b = table[(i * B + 3) & mask];
    }
  }

  @Override
  public int batch() {
    for (int i = 0; i < OPERATIONS_PER_BATCH; i++) {
      random = Bits.nextRandom(random);
      int entry = ((random * A) >>> 8) & mask;
      if ((random & 1) == 0) replace(entry);
      else chase(entry, random);
      temporary();
      temporary();
    }
    return OPERATIONS_PER_BATCH;
  }

  @Override
  public Check check() {
    String problem = null;
    for (int i = 0; i <= mask && problem == null; i++) {
      if (i % STRIDE == 0) part.progress().at(i / (double) mask);
      problem = wrongWith(i);
    }
    int temporaries = 0;
    for (Shapes.Entry object : ring) if (object != null) temporaries++;
    long size = mask + 1L;
    long bytes = Shapes.bytes(size, 0) + Shapes.bytes(RING_SLOTS, 0) + (size + temporaries) * Shapes.bytes(2, 48);
    return new Check(problem, size, done, bytes);
  }

  private static Shapes.Entry make(int i) {
    return Shapes.entry(i, i, ~i);
  }

  private void replace(int i) {
    Shapes.Entry fresh = make(i);
    Shapes.Entry old = table[i];
    fresh.a = old.a;
    fresh.b = old.b;
    table[((i - 1) * INVERSE_A) & mask].a = fresh;
    table[((i - 3) * INVERSE_B) & mask].b = fresh;
    table[i] = fresh;
    done = done * 31 + ~i;
  }

  private void chase(int i, int choices) {
    Shapes.Entry object = table[i];
    for (int hop = 1; hop <= HOPS; hop++) object = ((choices >>> hop) & 1) == 0 ? object.a : object.b;
    done = done * 31 + object.tag;
  }

  private void temporary() {
    ring[ringAt] = Shapes.entry(0, 0, 0);
    ringAt = (ringAt + 1) & (RING_SLOTS - 1);
  }

  private String wrongWith(int i) {
    Shapes.Entry entry = table[i];
    if (entry == null) return "entry " + i + " is null";
    if (entry.tag != i || entry.first != i || entry.last != ~i) {
      return "entry " + i + " holds tag " + entry.tag + " and payload " + entry.first + " … " + entry.last;
    }
    int a = (i * A + 1) & mask;
    if (entry.a != table[a]) return "edge a of entry " + i + " does not lead to entry " + a;
    int b = (i * B + 3) & mask;
    if (entry.b != table[b]) return "edge b of entry " + i + " does not lead to entry " + b;
    return null;
  }
}
