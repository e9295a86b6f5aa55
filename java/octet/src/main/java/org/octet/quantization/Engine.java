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
  private final boolean reduceRange;
  private final boolean perChannel;

  Engine(boolean reduceRange, boolean perChannel) {
    this.reduceRange = reduceRange;
    this.perChannel = perChannel;
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

  /**
   * The QConfig for quantization-aware training: PyTorch's get_default_qat_qconfig, version 1, but
   * so that what was trained is what is deployed, see {@link QParamsRule#OBSERVER}.
   */
  public QConfig defaultQatQConfig() {
    return defaultQatQConfig(1, QParamsRule.OBSERVER);
  }

  /**
   * The QConfig for quantization-aware training: moving averages of minimum and maximum.
   *
   * @param version PyTorch's: 0 with FakeQuantize, 1 with FusedMovingAvgObsFakeQuantize
   * @param rule whether what is trained is what convert makes of it, or PyTorch's settings
   * @throws EngineException if there is no such version
   */
  public QConfig defaultQatQConfig(int version, QParamsRule rule) {
    if (version != 0 && version != 1) {
      throw new EngineException(
          "There is no version " + version + " of the default qat qconfig; expected 0 or 1.");
    }
    FakeQuantizeFactory activation =
        version == 0
            ? FakeQuants.DEFAULT_FAKE_QUANT
            : FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.rule(rule);
    FakeQuantizeFactory weight =
        version == 0
            ? perChannel
                ? FakeQuants.DEFAULT_PER_CHANNEL_WEIGHT_FAKE_QUANT
                : FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT
            : (perChannel
                    ? FakeQuants.DEFAULT_FUSED_PER_CHANNEL_WT_FAKE_QUANT
                    : FakeQuants.DEFAULT_FUSED_WT_FAKE_QUANT)
                .rule(rule);
    boolean halved = reduceRange && rule == QParamsRule.TORCH;
    return new QConfig(activation.observer(o -> o.reduceRange(halved)), weight);
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
