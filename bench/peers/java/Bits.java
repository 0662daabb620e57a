/** Random numbers and index spaces, bit for bit those of bench/workloads/random.ts and arithmetic.ts. */
final class Bits {
  private Bits() {}

  /** MurmurHash3's finalizer. */
  static int mix(int value) {
    int bits = value;
    bits = (bits ^ (bits >>> 16)) * 0x85ebca6b;
    bits = (bits ^ (bits >>> 13)) * 0xc2b2ae35;
    return bits ^ (bits >>> 16);
  }

  /** Marsaglia's xorshift. */
  static int nextRandom(int state) {
    int bits = state;
    bits ^= bits << 13;
    bits ^= bits >>> 17;
    return bits ^ (bits << 5);
  }

  static int seedState(int seed, int stream) {
    int state = mix(mix(seed) + stream * 0x9e3779b1);
    return state == 0 ? 1 : state;
  }

  /** The largest power of two that is no larger than `value`, at least `least`. */
  static int powerOfTwoBelow(double value, int least) {
    return Math.max(least, Integer.highestOneBit((int) Math.max(1, value)));
  }

  /** What `odd` is multiplied by to give 1, modulo 2^32. */
  static int inverse(int odd) {
    int found = odd;
    for (int bits = 3; bits < 32; bits *= 2) found *= 2 - odd * found;
    return found;
  }
}
