package org.octet.backend;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.octet.natives.NativeLibrary;
import org.octet.natives.OctetNative;
import org.octet.tensor.Storage;

/**
 * An instruction set that native kernels are written for. They form a tree: where an instruction
 * set has no kernel of its own, its parent's runs. The list comes from the native library; nothing
 * here repeats it.
 *
 * @param number as the native library counts; later ones are preferred
 * @param parent null for the reference, which runs everywhere
 */
public record Isa(int number, String name, String parent, Status status) {
  /** Whether kernels for an instruction set can run on this machine. */
  public enum Status {
    /** They can. */
    RUNS("runs here"),
    /** Another processor architecture's. */
    NOT_BUILT("is not built for this processor architecture"),
    /** The processor is too old or too small. */
    NOT_IN_CPU("is not in this CPU"),
    /** The operating system does not save its registers. */
    NOT_IN_OS("is switched off by the operating system, which does not save its registers");

    private final String reason;

    Status(String reason) {
      this.reason = reason;
    }

    /** A predicate for messages: "is not in this CPU". */
    public String reason() {
      return reason;
    }
  }

  /** All that the native library knows, in its order; empty where it is not loaded. */
  public static List<Isa> all() {
    return All.LIST;
  }

  /**
   * The instruction set of a name.
   *
   * @throws BackendException if there is none or it does not run here; the message lists those that
   *     do
   */
  public static Isa named(String name) {
    for (Isa isa : all()) {
      if (isa.name.equals(name)) {
        if (isa.status == Status.RUNS) {
          return isa;
        }
        throw new BackendException(
            "Instruction set \"" + name + "\" " + isa.status.reason + ". " + legal());
      }
    }
    throw new BackendException("Instruction set \"" + name + "\" is unknown. " + legal());
  }

  /** The best that runs here; null where the native library is not loaded. */
  public static Isa best() {
    return all().isEmpty() ? null : all().get(OctetNative.octet_isa_best());
  }

  /** Whether kernels of {@code other} may run when this is asked for. */
  public boolean includes(Isa other) {
    for (Isa i = this; i != null; i = i.parent == null ? null : find(i.parent)) {
      if (i.number == other.number) {
        return true;
      }
    }
    return false;
  }

  private static Isa find(String name) {
    return all().stream().filter(i -> i.name.equals(name)).findFirst().orElse(null);
  }

  /** One sentence or two: what can be asked for, and why not the others. */
  static String legal() {
    if (all().isEmpty()) {
      return "There is none, because " + NativeLibrary.unavailabilityCause() + ".";
    }
    StringBuilder legal = new StringBuilder();
    StringBuilder others = new StringBuilder();
    for (Isa isa : all()) {
      StringBuilder to = isa.status == Status.RUNS ? legal : others;
      to.append(to.length() == 0 ? "" : ", ").append(isa.name);
      if (to == others) {
        to.append(" (").append(isa.status.reason).append(')');
      }
    }
    return "This machine runs: "
        + legal
        + "."
        + (others.length() == 0 ? "" : " It does not run: " + others + ".");
  }

  @Override
  public String toString() {
    return name;
  }

  /** Read once, at first use. */
  private static final class All {
    static final List<Isa> LIST = read();

    private static List<Isa> read() {
      if (!NativeLibrary.isAvailable()) {
        return List.of();
      }
      List<Isa> list = new ArrayList<>();
      for (int i = 0; i < OctetNative.octet_isa_count(); i++) {
        int parent = OctetNative.octet_isa_parent(i);
        Status status = Status.values()[OctetNative.octet_isa_status(i)];
        list.add(new Isa(i, name(i), parent < 0 ? null : list.get(parent).name, status));
      }
      return List.copyOf(list);
    }

    private static String name(int isa) {
      Storage text = Storage.allocate(64);
      try {
        OctetNative.octet_isa_name(isa, text.address(), 64);
        ByteBuffer b = text.buffer();
        StringBuilder s = new StringBuilder();
        for (int i = 0; i < 64 && b.get(i) != 0; i++) {
          s.append((char) b.get(i));
        }
        return s.toString();
      } finally {
        text.release();
      }
    }
  }
}
