package org.octet.quantization.observer;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.octet.tensor.DType;
import org.octet.tensor.QScheme;

/** PyTorch's default observers. Each is a supplier that makes a new observer every time. */
public final class Observers {
  /** Smallest scale of the qnnpack presets with symmetric codes. */
  private static final float EPS_QNNPACK = 0x1p-12f;

  /** default_observer: MinMax, quint8 codes 0..127. */
  public static final ObserverFactory DEFAULT_OBSERVER =
      MinMaxObserver.withArgs().quantRange(0, 127);

  /** default_weight_observer: MinMax, qint8, per_tensor_symmetric. */
  public static final ObserverFactory DEFAULT_WEIGHT_OBSERVER =
      MinMaxObserver.withArgs().dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC);

  /** default_histogram_observer: Histogram, quint8 codes 0..127. */
  public static final ObserverFactory DEFAULT_HISTOGRAM_OBSERVER =
      HistogramObserver.withArgs().quantRange(0, 127);

  /** default_per_channel_weight_observer: PerChannelMinMax, qint8, per_channel_symmetric. */
  public static final ObserverFactory DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER =
      PerChannelMinMaxObserver.withArgs().dtype(DType.QINT8).qscheme(QScheme.PER_CHANNEL_SYMMETRIC);

  /**
   * weight_observer_range_neg_127_to_127: as default_weight_observer, codes -127..127, eps 2^-12.
   */
  public static final ObserverFactory WEIGHT_OBSERVER_RANGE_NEG_127_TO_127 =
      DEFAULT_WEIGHT_OBSERVER.quantRange(-127, 127).eps(EPS_QNNPACK);

  /** per_channel_weight_observer_range_neg_127_to_127: the same for each channel. */
  public static final ObserverFactory PER_CHANNEL_WEIGHT_OBSERVER_RANGE_NEG_127_TO_127 =
      DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER.quantRange(-127, 127).eps(EPS_QNNPACK);

  /**
   * default_float_qparams_observer: PerChannelMinMax, quint8, rows with float zero points: tables
   * of embeddings.
   */
  public static final ObserverFactory DEFAULT_FLOAT_QPARAMS_OBSERVER =
      PerChannelMinMaxObserver.withArgs().qscheme(QScheme.PER_CHANNEL_AFFINE_FLOAT_QPARAMS);

  /** default_float_qparams_observer_4bit: the same with 4-bit codes. */
  public static final ObserverFactory DEFAULT_FLOAT_QPARAMS_OBSERVER_4BIT =
      DEFAULT_FLOAT_QPARAMS_OBSERVER.dtype(DType.QUINT4X2);

  /** default_dynamic_quant_observer: Placeholder, quint8. */
  public static final ObserverFactory DEFAULT_DYNAMIC_QUANT_OBSERVER =
      PlaceholderObserver.withArgs();

  /** default_placeholder_observer: Placeholder, float32, so nothing is quantized. */
  public static final ObserverFactory DEFAULT_PLACEHOLDER_OBSERVER =
      PlaceholderObserver.withArgs().dtype(DType.FLOAT32);

  /** default_debug_observer: Recording. */
  public static final ObserverFactory DEFAULT_DEBUG_OBSERVER = RecordingObserver.withArgs();

  /**
   * default_fixed_qparams_range_0to1_observer: scale 1/256, zero point 0, for sigmoid and softmax.
   */
  public static final Supplier<Observer> DEFAULT_FIXED_QPARAMS_RANGE_0TO1_OBSERVER =
      () -> new FixedQParamsObserver(1 / 256.0, 0, DType.QUINT8);

  /** default_fixed_qparams_range_neg1to1_observer: scale 2/256, zero point 128, for tanh. */
  public static final Supplier<Observer> DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_OBSERVER =
      () -> new FixedQParamsObserver(2 / 256.0, 128, DType.QUINT8);

  private static final Map<String, Supplier<Observer>> NAMED = new LinkedHashMap<>();

  static {
    NAMED.put("default_observer", DEFAULT_OBSERVER);
    NAMED.put("default_weight_observer", DEFAULT_WEIGHT_OBSERVER);
    NAMED.put("default_histogram_observer", DEFAULT_HISTOGRAM_OBSERVER);
    NAMED.put("default_per_channel_weight_observer", DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER);
    NAMED.put("weight_observer_range_neg_127_to_127", WEIGHT_OBSERVER_RANGE_NEG_127_TO_127);
    NAMED.put(
        "per_channel_weight_observer_range_neg_127_to_127",
        PER_CHANNEL_WEIGHT_OBSERVER_RANGE_NEG_127_TO_127);
    NAMED.put("default_float_qparams_observer", DEFAULT_FLOAT_QPARAMS_OBSERVER);
    NAMED.put("default_float_qparams_observer_4bit", DEFAULT_FLOAT_QPARAMS_OBSERVER_4BIT);
    NAMED.put("default_dynamic_quant_observer", DEFAULT_DYNAMIC_QUANT_OBSERVER);
    NAMED.put("default_placeholder_observer", DEFAULT_PLACEHOLDER_OBSERVER);
    NAMED.put("default_debug_observer", DEFAULT_DEBUG_OBSERVER);
    NAMED.put(
        "default_fixed_qparams_range_0to1_observer", DEFAULT_FIXED_QPARAMS_RANGE_0TO1_OBSERVER);
    NAMED.put(
        "default_fixed_qparams_range_neg1to1_observer",
        DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_OBSERVER);
  }

  private Observers() {}

  /** All default observers by PyTorch's names; unmodifiable. */
  public static Map<String, Supplier<Observer>> named() {
    return Collections.unmodifiableMap(NAMED);
  }

  /**
   * The default observer with PyTorch's name.
   *
   * @throws ObserverException if there is none, listing those that there are
   */
  public static Supplier<Observer> named(String name) {
    Supplier<Observer> s = NAMED.get(name);
    if (s == null) {
      throw new ObserverException(
          "Unknown observer \"" + name + "\"; expected one of " + NAMED.keySet() + ".");
    }
    return s;
  }
}
