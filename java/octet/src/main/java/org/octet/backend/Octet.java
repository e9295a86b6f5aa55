package org.octet.backend;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.octet.natives.NativeLibrary;

/** What runs here, for people and bug reports. */
public final class Octet {
  private Octet() {}

  /** The version of this library, as in its Maven coordinates. */
  public static String version() {
    Properties p = new Properties();
    try (InputStream in = Octet.class.getResourceAsStream("version.properties")) {
      if (in != null) {
        p.load(in);
      }
    } catch (IOException e) {
      return "unknown (" + e.getMessage() + ")";
    }
    return p.getProperty("version", "unknown");
  }

  /**
   * Version, platform, the chosen backend and instruction set, for each better instruction set why
   * it is not used, and the number of CPUs. Never throws: a wrong setting is described as well.
   */
  public static String describe() {
    StringBuilder s = new StringBuilder();
    s.append("Octet ").append(version()).append(System.lineSeparator());
    line(
        s,
        "platform",
        System.getProperty("os.name")
            + ", "
            + System.getProperty("os.arch")
            + ", Java "
            + System.getProperty("java.version")
            + " ("
            + System.getProperty("java.vm.name")
            + ")");
    try {
      describe(s, Backends.defaultBackend());
    } catch (BackendException e) {
      line(s, "backend", "none: " + e.getMessage());
    }
    int cpus = Runtime.getRuntime().availableProcessors();
    line(
        s,
        "threads",
        "1 for each inference, unless a session asks for more; "
            + cpus
            + (cpus == 1 ? " CPU" : " CPUs"));
    return s.toString().trim();
  }

  static void describe(StringBuilder s, Backend backend) {
    line(s, "backend", backend.name());
    if (!backend.name().equals("native")) {
      line(
          s,
          "",
          NativeLibrary.isAvailable()
              ? "the native library is available"
              : NativeLibrary.unavailabilityCause());
      return;
    }
    Isa chosen = Isa.named(backend.isa());
    List<String> own = new ArrayList<>();
    for (Isa i = chosen; i != null; i = i.parent() == null ? null : Isa.named(i.parent())) {
      own.add(i.name());
    }
    line(s, "kernels", String.join(", else ", own));
    for (Isa i : Isa.all()) {
      if (!chosen.includes(i)) {
        boolean worse = i.number() < chosen.number();
        String why =
            i.status() != Isa.Status.RUNS
                ? i.status().reason()
                : "runs here, but " + chosen.name() + (worse ? " is better" : " was asked for");
        line(s, "not used", i.name() + " " + why);
      }
    }
  }

  private static void line(StringBuilder s, String name, String value) {
    s.append(String.format("  %-10s%s", name, value)).append(System.lineSeparator());
  }
}
