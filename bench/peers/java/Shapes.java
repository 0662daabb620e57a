import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Objects as large as Continuum's, whatever size a reference has here. */
final class Shapes {
  /** References of 4 B. ZGC's have 8, and so have all in a heap of 32 GiB and more. */
  static final boolean NARROW =
      Boolean.parseBoolean(
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
              .getVMOption("UseCompressedOops")
              .getValue());

  private Shapes() {}

  /** 64 B with references of 8 B: header 12, references 16, numbers 36. */
  static class Entry {
    Entry a;
    Entry b;
    final int tag;
    final int first;
    int w1;
    int w2;
    int w3;
    int w4;
    int w5;
    int w6;
    final int last;

    Entry(int tag, int first, int last) {
      this.tag = tag;
      this.first = first;
      this.last = last;
    }
  }

  /** 64 B with references of 4 B. */
  static final class LongerEntry extends Entry {
    int w7;
    int w8;

    LongerEntry(int tag, int first, int last) {
      super(tag, first, last);
    }
  }

  /** An entry of 64 B. `NARROW` is a constant to the compiler: there is no branch left. */
  static Entry entry(int tag, int first, int last) {
    return NARROW ? new LongerEntry(tag, first, last) : new Entry(tag, first, last);
  }

  /** Bytes that an entry really takes here, as the JVM counts them. */
  static long entryBytes() {
    ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    Entry[] entries = new Entry[1024];
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < entries.length; i++) entries[i] = entry(i, i, i);
    return (threads.getCurrentThreadAllocatedBytes() - before) / entries.length;
  }

  /** Bytes that such an object takes in Continuum's heap: a header of 8, references of 4. */
  static long bytes(long references, long payload) {
    return 8 + (4 * references + payload + 7) / 8 * 8;
  }
}
