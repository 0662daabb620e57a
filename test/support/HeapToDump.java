/** A heap whose objects of one class are known: a thousand that are kept, a tenth of them by one another alone. */
public class HeapToDump {
  static final class Thing {
    final Thing next;
    final int number;

    Thing(Thing next, int number) {
      this.next = next;
      this.number = number;
    }
  }

  static final Thing[] kept = new Thing[900];

  public static void main(String[] arguments) throws Exception {
    for (int i = 0; i < kept.length; i++) kept[i] = new Thing(i % 9 == 0 ? new Thing(null, -i) : kept[i - 1], i);
    System.out.println("ready");
    Thread.sleep(100_000);
  }
}
