/** One mutator's part of a workload: what bench/workloads/workload.ts calls a session. */
interface Session {
  /** MAY: the run can end after the batch just done; NOT_YET: in the middle of something; MUST: nothing is left to do. */
  enum Ending {
    MAY,
    NOT_YET,
    MUST
  }

  void setUp();

  /** Does a batch and returns how many operations it was. */
  int batch();

  default Ending ending() {
    return Ending.MAY;
  }

  Check check();

  /** How much there is to do, and whose part it is. */
  record Part(double scale, int mutators, int seed, Progress progress) {}

  /** How far set-up or check has come, 0..1. */
  interface Progress {
    void at(double fraction);
  }

  /**
   * What the end looks like.
   *
   * @param problem what is wrong, the first thing found; null when all is well
   * @param checked objects or entries that were compared
   * @param checksum of what was done: the same for the same seed and operations, in whatever language
   * @param bytes what is live, in bytes of Continuum's own objects, so that rates compare
   */
  record Check(String problem, long checked, int checksum, long bytes) {}
}
