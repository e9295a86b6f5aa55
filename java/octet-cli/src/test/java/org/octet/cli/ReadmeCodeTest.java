package org.octet.cli;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every Java block of every README compiles. A block that starts with an import or a class is a
 * file of its own; another one is the body of a method that has {@code model}, {@code calibration},
 * {@code example}, {@code input} and {@code output}.
 */
class ReadmeCodeTest {
  private static final Path ROOT = Path.of("..", "..").toAbsolutePath().normalize();
  private static final Pattern BLOCK = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL);
  private static final String IMPORTS =
      Stream.of(
              "java.util.*",
              "org.octet.autograd.*",
              "org.octet.backend.*",
              "org.octet.data.*",
              "org.octet.graph.*",
              "org.octet.nn.*",
              "org.octet.nn.Module",
              "org.octet.ops.*",
              "org.octet.optim.*",
              "org.octet.quantization.*",
              "org.octet.quantization.observer.*",
              "org.octet.runtime.*",
              "org.octet.tensor.*")
          .map(s -> "import " + s + ";\n")
          .reduce("", String::concat);

  @TempDir Path classes;

  @TestFactory
  Stream<DynamicTest> everyJavaBlockCompiles() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (Stream<Path> files = Files.walk(ROOT, 3)) {
      for (Path readme :
          files.filter(f -> f.getFileName().toString().equals("README.md")).toList()) {
        if (readme.toString().contains("target")) {
          continue;
        }
        Matcher m = BLOCK.matcher(Files.readString(readme));
        for (int i = 1; m.find(); i++) {
          String code = m.group(1);
          tests.add(
              DynamicTest.dynamicTest(
                  ROOT.relativize(readme) + ", block " + i, () -> compile(code)));
        }
      }
    }
    assertFalse(tests.isEmpty(), "no README with a Java block below " + ROOT);
    return tests.stream();
  }

  private void compile(String block) {
    String name = "Readme";
    String source;
    Matcher unit =
        Pattern.compile("^(?:import|public class|class|final class) ", Pattern.MULTILINE)
            .matcher(block);
    if (unit.lookingAt()) {
      Matcher type = Pattern.compile("(public )?(?:final )?class (\\w+)").matcher(block);
      assertTrue(type.find(), "no class in the block");
      name = type.group(2);
      source = block.startsWith("import") ? block : IMPORTS + block;
    } else {
      source =
          IMPORTS
              + "class Readme {\n  void snippet(Module model, List<FloatTensor> calibration, FloatTensor example,"
              + " FloatTensor input, FloatTensor output) throws Exception {\n"
              + block
              + "  }\n}\n";
    }
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> problems = new DiagnosticCollector<>();
    JavaFileObject file =
        new SimpleJavaFileObject(
            URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return source;
          }
        };
    List<String> options =
        List.of(
            "-proc:none", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
    boolean ok = compiler.getTask(null, null, problems, options, null, List.of(file)).call();
    StringBuilder text = new StringBuilder();
    for (Diagnostic<? extends JavaFileObject> d : problems.getDiagnostics()) {
      text.append(d).append('\n');
    }
    assertTrue(ok, () -> text + "\n" + source);
  }
}
