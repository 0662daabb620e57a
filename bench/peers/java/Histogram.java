/** Times with three significant digits, as HdrHistogram keeps them: counts by power of two, each cut into 1024. */
final class Histogram {
  private static final int BITS = 10;
  private static final int CUTS = 1 << BITS;

  private final long[] counts = new long[(64 - BITS) * CUTS];
  private long count;
  private long max;

  void record(long value) {
    counts[index(value)]++;
    count++;
    max = Math.max(max, value);
  }

  void add(Histogram other) {
    for (int i = 0; i < counts.length; i++) counts[i] += other.counts[i];
    count += other.count;
    max = Math.max(max, other.max);
  }

  long count() {
    return count;
  }

  long max() {
    return max;
  }

  /** The value that `share` (0..1) of those recorded do not exceed, to three digits; 0 without any. */
  long percentile(double share) {
    long wanted = Math.max(1, (long) Math.ceil(share * count));
    long passed = 0;
    for (int i = 0; i < counts.length && count > 0; i++) {
      passed += counts[i];
      if (passed >= wanted) return Math.min(max, highest(i));
    }
    return 0;
  }

  /** Values below 2 * CUTS have a place each; above, each power of two is cut into CUTS. */
  private static int index(long value) {
    int shift = Math.max(0, 63 - Long.numberOfLeadingZeros(value | 1) - BITS);
    return shift * CUTS + (int) (value >>> shift);
  }

  private static long highest(int index) {
    int shift = Math.max(0, index / CUTS - 1);
    long first = (long) (index - shift * CUTS) << shift;
    return first + (1L << shift) - 1;
  }
}
