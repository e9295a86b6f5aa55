package org.octet.backend;

import java.util.ArrayList;
import java.util.List;
import org.octet.natives.NativeLibrary;
import org.octet.natives.OctetNative;
import org.octet.tensor.OctetException;
import org.octet.tensor.OctetOutOfMemoryError;
import org.octet.tensor.Storage;

/**
 * The native library, for one instruction set: kernels come from it or its ancestors. Several live
 * in one JVM.
 */
public final class NativeBackend implements Backend {
  private final Isa isa;

  private NativeBackend(Isa isa) {
    this.isa = isa;
  }

  /**
   * The backend of an instruction set; always the same instance for a name.
   *
   * @throws BackendException if the name is unknown or does not run here; the message lists those
   *     that do, and says why the others do not
   */
  public static NativeBackend of(String isaName) {
    return Instances.ALL[Isa.named(isaName).number()];
  }

  /**
   * The backend of the best instruction set of this machine.
   *
   * @throws BackendException if the native library is not loaded
   */
  public static NativeBackend best() {
    if (!NativeLibrary.isAvailable()) {
      throw new BackendException(
          "There is no native backend: "
              + NativeLibrary.unavailabilityCause()
              + ". JavaBackend runs everywhere.");
    }
    return Instances.ALL[Isa.best().number()];
  }

  /**
   * A backend for each instruction set that runs here, the reference first; empty where the library
   * is not loaded.
   */
  public static List<NativeBackend> available() {
    List<NativeBackend> list = new ArrayList<>();
    for (Isa isa : Isa.all()) {
      if (isa.status() == Isa.Status.RUNS) {
        list.add(Instances.ALL[isa.number()]);
      }
    }
    return list;
  }

  @Override
  public String name() {
    return "native";
  }

  @Override
  public String isa() {
    return isa.name();
  }

  @Override
  public Operator create(OperatorSpec spec) {
    SpecCheck.check(spec);
    return new NativeOperator(isa, spec);
  }

  @Override
  public Plan plan(List<PlanStep> steps, long arenaBytes, int externals) {
    return new NativePlan(steps, arenaBytes, externals);
  }

  @Override
  public String toString() {
    return "native/" + isa.name();
  }

  /**
   * Turns a status into an exception.
   *
   * @param what "Operator CONV_Q8" and the like
   */
  static void check(int status, String what) {
    if (status != OctetNative.OCTET_OK) {
      throw failure(status, what);
    }
  }

  private static OctetException failure(int status, String what) {
    return switch (status) {
      case OctetNative.OCTET_OUT_OF_MEMORY ->
          new OctetOutOfMemoryError(
              what + " found no native memory; close tensors, operators or programs.");
      case OctetNative.OCTET_UNSUPPORTED_KIND ->
          new UnsupportedKindException(
              what + " is not in the native library; use JavaBackend, or a newer library.");
      case OctetNative.OCTET_UNAVAILABLE_ISA ->
          new BackendException(
              what + " was asked for an instruction set that does not run here. " + Isa.legal());
      default ->
          new BackendException(
              what
                  + " was refused by the native library: an attribute or dimension is out of range.");
    };
  }

  /**
   * A block of int64 that native reads or writes; the caller releases it. At least one slot, so
   * that it has an address.
   */
  static Storage block(long... values) {
    Storage s = Storage.allocate(8L * Math.max(1, values.length));
    for (int i = 0; i < values.length; i++) {
      s.buffer().putLong(8 * i, values[i]);
    }
    return s;
  }

  private static final class Instances {
    static final NativeBackend[] ALL =
        Isa.all().stream().map(NativeBackend::new).toArray(NativeBackend[]::new);
  }
}
