package org.octet.quantization;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.octet.quantization.observer.FixedQParamsObserver;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.MovingAverageMinMaxObserver;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverException;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.tensor.DType;
import org.octet.tensor.QScheme;

/** PyTorch's default fake quantizers. Each is a supplier that makes a new one every time. */
public final class FakeQuants {
  /** Smallest scale of the qnnpack presets with symmetric codes. */
  private static final float EPS_QNNPACK = 0x1p-12f;

  private static final ObserverFactory ACTIVATION =
      MovingAverageMinMaxObserver.withArgs().quantRange(0, 255);

  private static final ObserverFactory WEIGHT =
      MovingAverageMinMaxObserver.withArgs()
          .dtype(DType.QINT8)
          .qscheme(QScheme.PER_TENSOR_SYMMETRIC)
          .quantRange(-128, 127);

  private static final ObserverFactory PER_CHANNEL_WEIGHT =
      MovingAveragePerChannelMinMaxObserver.withArgs()
          .dtype(DType.QINT8)
          .qscheme(QScheme.PER_CHANNEL_SYMMETRIC)
          .quantRange(-128, 127);

  /** default_fake_quant: moving average, quint8, the halved range 0..127. */
  public static final FakeQuantizeFactory DEFAULT_FAKE_QUANT =
      FakeQuantize.withArgs(ACTIVATION.reduceRange(true));

  /** default_weight_fake_quant: moving average, qint8, per_tensor_symmetric. */
  public static final FakeQuantizeFactory DEFAULT_WEIGHT_FAKE_QUANT = FakeQuantize.withArgs(WEIGHT);

  /** default_per_channel_weight_fake_quant: moving average, qint8, per_channel_symmetric. */
  public static final FakeQuantizeFactory DEFAULT_PER_CHANNEL_WEIGHT_FAKE_QUANT =
      FakeQuantize.withArgs(PER_CHANNEL_WEIGHT);

  /** default_dynamic_fake_quant: the range of the newest tensor only, quint8 0..255. */
  public static final FakeQuantizeFactory DEFAULT_DYNAMIC_FAKE_QUANT =
      FakeQuantize.withArgs(ACTIVATION.averagingConstant(1));

  /** default_histogram_fake_quant: histogram, quint8, the halved range 0..127. */
  public static final FakeQuantizeFactory DEFAULT_HISTOGRAM_FAKE_QUANT =
      FakeQuantize.withArgs(HistogramObserver.withArgs().quantRange(0, 255).reduceRange(true));

  /** default_fused_act_fake_quant: fused moving average, quint8 0..255. */
  public static final FakeQuantizeFactory DEFAULT_FUSED_ACT_FAKE_QUANT =
      FusedMovingAvgObsFakeQuantize.withArgs(ACTIVATION);

  /** default_fused_wt_fake_quant: fused moving average, qint8, per_tensor_symmetric. */
  public static final FakeQuantizeFactory DEFAULT_FUSED_WT_FAKE_QUANT =
      FusedMovingAvgObsFakeQuantize.withArgs(WEIGHT);

  /** default_fused_per_channel_wt_fake_quant: fused moving average, per_channel_symmetric. */
  public static final FakeQuantizeFactory DEFAULT_FUSED_PER_CHANNEL_WT_FAKE_QUANT =
      FusedMovingAvgObsFakeQuantize.withArgs(PER_CHANNEL_WEIGHT);

  /** fused_wt_fake_quant_range_neg_127_to_127: per tensor, codes -127..127, eps 2^-12. */
  public static final FakeQuantizeFactory FUSED_WT_FAKE_QUANT_RANGE_NEG_127_TO_127 =
      DEFAULT_FUSED_WT_FAKE_QUANT.observer(o -> o.quantRange(-127, 127).eps(EPS_QNNPACK));

  /** fused_per_channel_wt_fake_quant_range_neg_127_to_127: the same for each channel. */
  public static final FakeQuantizeFactory FUSED_PER_CHANNEL_WT_FAKE_QUANT_RANGE_NEG_127_TO_127 =
      DEFAULT_FUSED_PER_CHANNEL_WT_FAKE_QUANT.observer(
          o -> o.quantRange(-127, 127).eps(EPS_QNNPACK));

  /** default_fixed_qparams_range_0to1_fake_quant: scale 1/256, zero point 0; sigmoid, softmax. */
  public static final Supplier<FakeQuantize> DEFAULT_FIXED_QPARAMS_RANGE_0TO1_FAKE_QUANT =
      () -> new FixedQParamsFakeQuantize(new FixedQParamsObserver(1 / 256.0, 0, DType.QUINT8));

  /** default_fixed_qparams_range_neg1to1_fake_quant: scale 2/256, zero point 128; tanh. */
  public static final Supplier<FakeQuantize> DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_FAKE_QUANT =
      () -> new FixedQParamsFakeQuantize(new FixedQParamsObserver(2 / 256.0, 128, DType.QUINT8));

  /** default_embedding_fake_quant: rows of 8 bits. */
  public static final Supplier<EmbeddingFakeQuantize> DEFAULT_EMBEDDING_FAKE_QUANT =
      EmbeddingFakeQuantize.ofBits(8);

  /** default_embedding_fake_quant_4bit: rows of 4 bits. */
  public static final Supplier<EmbeddingFakeQuantize> DEFAULT_EMBEDDING_FAKE_QUANT_4BIT =
      EmbeddingFakeQuantize.ofBits(4);

  private static final Map<String, Supplier<? extends Observer>> NAMED = new LinkedHashMap<>();

  static {
    NAMED.put("default_fake_quant", DEFAULT_FAKE_QUANT);
    NAMED.put("default_weight_fake_quant", DEFAULT_WEIGHT_FAKE_QUANT);
    NAMED.put("default_per_channel_weight_fake_quant", DEFAULT_PER_CHANNEL_WEIGHT_FAKE_QUANT);
    NAMED.put("default_dynamic_fake_quant", DEFAULT_DYNAMIC_FAKE_QUANT);
    NAMED.put("default_histogram_fake_quant", DEFAULT_HISTOGRAM_FAKE_QUANT);
    NAMED.put("default_fused_act_fake_quant", DEFAULT_FUSED_ACT_FAKE_QUANT);
    NAMED.put("default_fused_wt_fake_quant", DEFAULT_FUSED_WT_FAKE_QUANT);
    NAMED.put("default_fused_per_channel_wt_fake_quant", DEFAULT_FUSED_PER_CHANNEL_WT_FAKE_QUANT);
    NAMED.put("fused_wt_fake_quant_range_neg_127_to_127", FUSED_WT_FAKE_QUANT_RANGE_NEG_127_TO_127);
    NAMED.put(
        "fused_per_channel_wt_fake_quant_range_neg_127_to_127",
        FUSED_PER_CHANNEL_WT_FAKE_QUANT_RANGE_NEG_127_TO_127);
    NAMED.put("default_embedding_fake_quant", DEFAULT_EMBEDDING_FAKE_QUANT);
    NAMED.put("default_embedding_fake_quant_4bit", DEFAULT_EMBEDDING_FAKE_QUANT_4BIT);
    NAMED.put(
        "default_fixed_qparams_range_0to1_fake_quant", DEFAULT_FIXED_QPARAMS_RANGE_0TO1_FAKE_QUANT);
    NAMED.put(
        "default_fixed_qparams_range_neg1to1_fake_quant",
        DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_FAKE_QUANT);
  }

  private FakeQuants() {}

  /** All presets by PyTorch's names; unmodifiable. */
  public static Map<String, Supplier<? extends Observer>> named() {
    return Collections.unmodifiableMap(NAMED);
  }

  /**
   * The preset with PyTorch's name.
   *
   * @throws ObserverException if there is none, listing those that there are
   */
  public static Supplier<? extends Observer> named(String name) {
    Supplier<? extends Observer> s = NAMED.get(name);
    if (s == null) {
      throw new ObserverException(
          "Unknown fake quantizer \"" + name + "\"; expected one of " + NAMED.keySet() + ".");
    }
    return s;
  }
}
