/** Where mutators stop and wait for the main thread, as often as there are steps. */
final class Gate {
  private final int parties;
  private int arrived;
  private int opened;

  Gate(int parties) {
    this.parties = parties;
  }

  synchronized void pass() throws InterruptedException {
    int mine = opened;
    arrived++;
    notifyAll();
    while (opened == mine) wait();
  }

  /** Whether all have arrived, waiting for that as long as `ms`, which is not 0. */
  synchronized boolean allArrived(long ms) throws InterruptedException {
    if (arrived < parties) wait(ms);
    return arrived == parties;
  }

  synchronized void open() {
    arrived = 0;
    opened++;
    notifyAll();
  }
}
