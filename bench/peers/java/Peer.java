import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Runs a workload in this JVM: `java Peer workload=churn scale=0.125 …`, the steps those of bench/invocation/run.ts. Prints a JSON
 * object a line: how far it is, and at last what was measured. Ends when its standard input does, so that it never
 * outlives who started it.
 */
public final class Peer {
  private static final long TICK_MS = 100;

  final String workload;
  final double scale;
  final int mutators;
  final int seed;
  /** Operations of a mutator that end warm-up and measurement, where it is not time that does. */
  final long warmUpOperations;

  final long operations;
  final Gate gate;
  /** Whether warm-up or measurement is over. */
  volatile boolean over;

  private final double warmUpSeconds;
  private final double seconds;
  private final List<Mutator> all = new ArrayList<>();

  private Peer(Map<String, String> arguments) {
    workload = arguments.get("workload");
    scale = Double.parseDouble(arguments.get("scale"));
    mutators = Integer.parseInt(arguments.get("mutators"));
    seed = (int) Long.parseLong(arguments.get("seed"));
    warmUpSeconds = Double.parseDouble(arguments.get("warmUpSeconds"));
    seconds = Double.parseDouble(arguments.get("seconds"));
    warmUpOperations = Long.parseLong(arguments.getOrDefault("warmUpOperations", "0"));
    operations = Long.parseLong(arguments.getOrDefault("operations", "0"));
    gate = new Gate(mutators);
  }

  public static void main(String[] texts) throws InterruptedException {
    Map<String, String> arguments = new HashMap<>();
    for (String text : texts) {
      int at = text.indexOf('=');
      arguments.put(text.substring(0, at), text.substring(at + 1));
    }
    Thread parent = new Thread(Peer::endWithInput, "parent");
    parent.setDaemon(true);
    parent.start();
    new Peer(arguments).run();
  }

  /** Says why there is no measurement, and ends. */
  static void fail(Throwable failure) {
    System.out.println("{\"type\":\"error\",\"message\":" + quoted(failure.toString()) + "}");
    System.out.flush();
    Runtime.getRuntime().halt(1);
  }

  private static void endWithInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (java.io.IOException gone) {
      // as good as its end
    }
    Runtime.getRuntime().halt(1);
  }

  private void run() throws InterruptedException {
    for (int i = 0; i < mutators; i++) all.add(new Mutator(this, i));
    for (Mutator mutator : all) mutator.start();
    untilAllArrived("setup");
    over = operations > 0 ? warmUpOperations == 0 : warmUpSeconds <= 0;
    step("warmup", warmUpSeconds);
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    over = false;
    long cpuBefore = system.getProcessCpuTime();
    long began = System.nanoTime();
    step("measure", seconds);
    long ended = System.nanoTime();
    double cpuMs = (system.getProcessCpuTime() - cpuBefore) / 1e6;
    for (Mutator mutator : all) mutator.progress = 0;
    gate.open();
    untilAllArrived("check");
    System.out.println(resultLine(began, ended, cpuMs));
    System.out.flush();
    Runtime.getRuntime().halt(0); // mutators still wait
  }

  /** Waits for all mutators, and tells how far they are. */
  private void untilAllArrived(String phase) throws InterruptedException {
    do {
      tell(phase, all.stream().mapToDouble(mutator -> mutator.progress).min().orElse(0));
    } while (!gate.allArrived(TICK_MS));
  }

  /** Lets mutators work for so long, or until all their operations are done, and waits for them. */
  private void step(String phase, double length) throws InterruptedException {
    long began = System.nanoTime();
    gate.open();
    for (double left = length; ; left = length - (System.nanoTime() - began) / 1e9) {
      if (left <= 0 && operations == 0) over = true;
      tell(phase, length > 0 ? Math.min(1, 1 - left / length) : 1);
      if (gate.allArrived(left > 0 ? Math.max(1, (long) Math.min(TICK_MS, 1000 * left)) : TICK_MS)) return;
    }
  }

  private static void tell(String phase, double fraction) {
    System.out.printf(Locale.ROOT, "{\"type\":\"progress\",\"phase\":\"%s\",\"fraction\":%.4f}%n", phase, fraction);
  }

  /** Times of the period are System.nanoTime, which the log's timenanos is as well. */
  private String resultLine(long began, long ended, double cpuMs) {
    Histogram batches = new Histogram();
    long operations = 0;
    double perSecond = 0;
    long checked = 0;
    long liveBytes = 0;
    int checksum = 0;
    String problem = null;
    for (Mutator mutator : all) {
      batches.add(mutator.batches);
      operations += mutator.operations;
      perSecond += mutator.operations * 1e9 / mutator.wallNs;
      checked += mutator.check.checked();
      liveBytes += mutator.check.bytes();
      checksum += mutator.check.checksum();
      if (problem == null) problem = mutator.check.problem();
    }
    return String.format(
        Locale.ROOT,
        "{\"type\":\"result\",\"operations\":{\"count\":%d,\"perSecond\":%f},"
            + "\"batchUs\":{\"count\":%d,\"p50\":%f,\"p99\":%f,\"p999\":%f,\"max\":%f},"
            + "\"periodNs\":[%d,%d],\"cpuMs\":%f,\"checked\":%d,\"checksum\":%d,\"liveBytes\":%d,\"entryBytes\":%d%s}",
        operations,
        perSecond,
        batches.count(),
        us(batches, 0.5),
        us(batches, 0.99),
        us(batches, 0.999),
        batches.max() / 1000.0,
        began,
        ended,
        cpuMs,
        checked,
        checksum,
        liveBytes,
        Shapes.entryBytes(),
        problem == null ? "" : ",\"problem\":" + quoted(problem));
  }

  private static double us(Histogram batches, double share) {
    return batches.percentile(share) / 1000.0;
  }

  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\');
      quoted.append(c < ' ' ? ' ' : c);
    }
    return quoted.append('"').toString();
  }
}
