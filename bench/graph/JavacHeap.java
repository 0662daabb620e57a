import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TaskEvent;
import com.sun.source.util.TaskListener;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticListener;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * Compiles the javax.swing package and dumps the heap, live objects only, when a given number of classes has been
 * attributed: at a place in the work, not in time, so that the dump is the same again but for a few objects.
 *
 * <p>Arguments: folder of the java.desktop sources, folder for classes, number of classes, file for the dump.
 */
public final class JavacHeap {
  public static void main(String[] arguments) throws IOException {
    Path sources = Path.of(arguments[0]);
    Path classes = Path.of(arguments[1]);
    int dumpAfter = Integer.parseInt(arguments[2]);
    String dump = arguments[3];

    List<Path> files;
    try (Stream<Path> list = Files.list(sources.resolve("javax/swing"))) {
      files = list.filter(file -> file.toString().endsWith(".java")).sorted().collect(Collectors.toList());
    }
    JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
    StandardJavaFileManager manager = javac.getStandardFileManager(null, null, null);
    List<String> options = List.of("-proc:none", "-d", classes.toString(), "--patch-module", "java.desktop=" + sources);
    // Warnings, of which there are hundreds, would only add to the heap.
    DiagnosticListener<JavaFileObject> listener = diagnostic -> {
      if (diagnostic.getKind() == Diagnostic.Kind.ERROR) System.err.println(diagnostic);
    };
    JavacTask task = (JavacTask) javac.getTask(null, manager, listener, options, null, manager.getJavaFileObjectsFromPaths(files));
    int[] attributed = {0};
    task.addTaskListener(new TaskListener() {
      @Override
      public void finished(TaskEvent event) {
        if (event.getKind() == TaskEvent.Kind.ANALYZE && ++attributed[0] == dumpAfter) dumpHeap(dump);
      }
    });
    if (!task.call()) throw new IllegalStateException("the sources do not compile: are they of this JDK?");
    System.out.println("attributed " + attributed[0] + " classes, dumped after " + dumpAfter);
  }

  private static void dumpHeap(String path) {
    try {
      ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(path, true);
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
