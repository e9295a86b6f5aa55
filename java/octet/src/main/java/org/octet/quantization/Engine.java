package org.octet.quantization;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.Observers;

/**
 * PyTorch's quantized engines, as names of presets: they choose observers, not who executes.
 * Octet's kernels give the same numbers with each.
 */
public enum Engine {
  /** Histogram with codes 0..127, weights per channel. */
  X86(true, true),
  /** As {@link #X86}. */
  FBGEMM(true, true),
  /** Histogram with codes 0..255, weights per tensor. */
  QNNPACK(false, false),
  /** Histogram with codes 0..255, weights per channel. */
  ONEDNN(false, true);

  private final QConfig defaultQConfig;

  Engine(boolean reduceRange, boolean perChannel) {
    this.defaultQConfig =
        new QConfig(
            HistogramObserver.withArgs().reduceRange(reduceRange),
            perChannel
                ? Observers.DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER
                : Observers.DEFAULT_WEIGHT_OBSERVER);
  }

  /** The QConfig for static quantization (PyTorch's get_default_qconfig). */
  public QConfig defaultQConfig() {
    return defaultQConfig;
  }

  /** PyTorch's name, lower case. */
  public String torchName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The engine with PyTorch's name, in any case.
   *
   * @throws EngineException if there is none, listing those that there are
   */
  public static Engine of(String name) {
    for (Engine e : values()) {
      if (e.name().equalsIgnoreCase(name)) {
        return e;
      }
    }
    throw new EngineException(
        "Unknown engine \""
            + name
            + "\"; expected one of "
            + Arrays.stream(values()).map(Engine::torchName).collect(Collectors.joining(", "))
            + ".");
  }
}
