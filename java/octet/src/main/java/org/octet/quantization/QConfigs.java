package org.octet.quantization;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.octet.quantization.observer.HistogramObserver;
import org.octet.quantization.observer.NoopObserver;
import org.octet.quantization.observer.Observers;
import org.octet.tensor.DType;
import org.octet.tensor.OctetException;

/** PyTorch's preset QConfigs. Those of the engines are {@link Engine#defaultQConfig()}. */
public final class QConfigs {
  /** default_qconfig: activations MinMax 0..127, weights per tensor symmetric. */
  public static final QConfig DEFAULT =
      new QConfig(Observers.DEFAULT_OBSERVER, Observers.DEFAULT_WEIGHT_OBSERVER);

  /** default_per_channel_qconfig: activations MinMax 0..127, weights per channel symmetric. */
  public static final QConfig DEFAULT_PER_CHANNEL =
      new QConfig(Observers.DEFAULT_OBSERVER, Observers.DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER);

  /** default_dynamic_qconfig: activations when the model runs, weights per tensor symmetric. */
  public static final QConfig DEFAULT_DYNAMIC =
      new QConfig(Observers.DEFAULT_DYNAMIC_QUANT_OBSERVER, Observers.DEFAULT_WEIGHT_OBSERVER);

  /**
   * per_channel_dynamic_qconfig: activations when the model runs, weights per channel symmetric.
   */
  public static final QConfig PER_CHANNEL_DYNAMIC =
      new QConfig(
          Observers.DEFAULT_DYNAMIC_QUANT_OBSERVER, Observers.DEFAULT_PER_CHANNEL_WEIGHT_OBSERVER);

  /**
   * default_symmetric_qnnpack_qconfig: activations Histogram qint8 with eps 2^-12, weights per
   * tensor -127..127.
   */
  public static final QConfig DEFAULT_SYMMETRIC_QNNPACK =
      new QConfig(
          HistogramObserver.withArgs().dtype(DType.QINT8).eps(0x1p-12f),
          Observers.WEIGHT_OBSERVER_RANGE_NEG_127_TO_127);

  /** default_per_channel_symmetric_qnnpack_qconfig: the same with weights per channel. */
  public static final QConfig DEFAULT_PER_CHANNEL_SYMMETRIC_QNNPACK =
      new QConfig(
          HistogramObserver.withArgs().dtype(DType.QINT8).eps(0x1p-12f),
          Observers.PER_CHANNEL_WEIGHT_OBSERVER_RANGE_NEG_127_TO_127);

  /** default_debug_qconfig: records the activations; cannot be converted. */
  public static final QConfig DEFAULT_DEBUG =
      new QConfig(Observers.DEFAULT_DEBUG_OBSERVER, Observers.DEFAULT_WEIGHT_OBSERVER);

  /** default_qat_qconfig: FakeQuantize, activations 0..127, weights per tensor symmetric. */
  public static final QConfig DEFAULT_QAT =
      new QConfig(FakeQuants.DEFAULT_FAKE_QUANT, FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT);

  /** default_qat_qconfig_v2: the fused ones, activations 0..255, weights per tensor symmetric. */
  public static final QConfig DEFAULT_QAT_V2 =
      new QConfig(FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT, FakeQuants.DEFAULT_FUSED_WT_FAKE_QUANT);

  /**
   * default_symmetric_qnnpack_qat_qconfig: activations qint8 with eps 2^-12, weights per tensor
   * -127..127.
   */
  public static final QConfig DEFAULT_SYMMETRIC_QNNPACK_QAT =
      new QConfig(
          FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.observer(
              o -> o.dtype(DType.QINT8).quantRange(-128, 127).eps(0x1p-12f)),
          FakeQuants.FUSED_WT_FAKE_QUANT_RANGE_NEG_127_TO_127);

  /** default_per_channel_symmetric_qnnpack_qat_qconfig: the same with weights per channel. */
  public static final QConfig DEFAULT_PER_CHANNEL_SYMMETRIC_QNNPACK_QAT =
      new QConfig(
          DEFAULT_SYMMETRIC_QNNPACK_QAT.activation(),
          FakeQuants.FUSED_PER_CHANNEL_WT_FAKE_QUANT_RANGE_NEG_127_TO_127);

  /**
   * default_dynamic_qat_qconfig: for layers whose inputs are quantized when the model runs: inputs
   * are rounded with the parameters of the newest tensor, weights per tensor symmetric.
   */
  public static final QConfig DEFAULT_DYNAMIC_QAT =
      new QConfig(FakeQuants.DEFAULT_DYNAMIC_FAKE_QUANT, FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT);

  /**
   * default_activation_only_qconfig: activations are rounded in training, weights stay float. Such
   * a model cannot be converted.
   */
  public static final QConfig DEFAULT_ACTIVATION_ONLY =
      new QConfig(FakeQuants.DEFAULT_FAKE_QUANT, NoopObserver::new);

  /** default_weight_only_qconfig: weights are rounded in training, activations stay float. */
  public static final QConfig DEFAULT_WEIGHT_ONLY =
      new QConfig(NoopObserver::new, FakeQuants.DEFAULT_WEIGHT_FAKE_QUANT);

  /** default_embedding_qat_qconfig: rows of embeddings are rounded to 8 bits in training. */
  public static final QConfig DEFAULT_EMBEDDING_QAT =
      new QConfig(NoopObserver::new, FakeQuants.DEFAULT_EMBEDDING_FAKE_QUANT);

  /** default_embedding_qat_qconfig_4bit: rows of embeddings are rounded to 4 bits in training. */
  public static final QConfig DEFAULT_EMBEDDING_QAT_4BIT =
      new QConfig(NoopObserver::new, FakeQuants.DEFAULT_EMBEDDING_FAKE_QUANT_4BIT);

  /**
   * float_qparams_weight_only_qconfig: tables of embeddings in rows of 8 bits; nothing else is
   * quantized.
   */
  public static final QConfig FLOAT_QPARAMS_WEIGHT_ONLY =
      new QConfig(Observers.DEFAULT_PLACEHOLDER_OBSERVER, Observers.DEFAULT_FLOAT_QPARAMS_OBSERVER);

  /** float_qparams_weight_only_qconfig_4bit: tables of embeddings in rows of 4 bits. */
  public static final QConfig FLOAT_QPARAMS_WEIGHT_ONLY_4BIT =
      new QConfig(
          Observers.DEFAULT_PLACEHOLDER_OBSERVER, Observers.DEFAULT_FLOAT_QPARAMS_OBSERVER_4BIT);

  private static final Map<String, QConfig> NAMED = new LinkedHashMap<>();

  static {
    NAMED.put("default_qconfig", DEFAULT);
    NAMED.put("default_per_channel_qconfig", DEFAULT_PER_CHANNEL);
    NAMED.put("default_dynamic_qconfig", DEFAULT_DYNAMIC);
    NAMED.put("per_channel_dynamic_qconfig", PER_CHANNEL_DYNAMIC);
    NAMED.put("default_symmetric_qnnpack_qconfig", DEFAULT_SYMMETRIC_QNNPACK);
    NAMED.put(
        "default_per_channel_symmetric_qnnpack_qconfig", DEFAULT_PER_CHANNEL_SYMMETRIC_QNNPACK);
    NAMED.put("default_debug_qconfig", DEFAULT_DEBUG);
    NAMED.put("default_qat_qconfig", DEFAULT_QAT);
    NAMED.put("default_qat_qconfig_v2", DEFAULT_QAT_V2);
    NAMED.put("default_symmetric_qnnpack_qat_qconfig", DEFAULT_SYMMETRIC_QNNPACK_QAT);
    NAMED.put(
        "default_per_channel_symmetric_qnnpack_qat_qconfig",
        DEFAULT_PER_CHANNEL_SYMMETRIC_QNNPACK_QAT);
    NAMED.put("default_dynamic_qat_qconfig", DEFAULT_DYNAMIC_QAT);
    NAMED.put("default_activation_only_qconfig", DEFAULT_ACTIVATION_ONLY);
    NAMED.put("default_weight_only_qconfig", DEFAULT_WEIGHT_ONLY);
    NAMED.put("float_qparams_weight_only_qconfig", FLOAT_QPARAMS_WEIGHT_ONLY);
    NAMED.put("float_qparams_weight_only_qconfig_4bit", FLOAT_QPARAMS_WEIGHT_ONLY_4BIT);
    NAMED.put("default_embedding_qat_qconfig", DEFAULT_EMBEDDING_QAT);
    NAMED.put("default_embedding_qat_qconfig_4bit", DEFAULT_EMBEDDING_QAT_4BIT);
  }

  private QConfigs() {}

  /** All presets by PyTorch's names; unmodifiable. */
  public static Map<String, QConfig> named() {
    return Collections.unmodifiableMap(NAMED);
  }

  /**
   * The preset with PyTorch's name.
   *
   * @throws OctetException if there is none, listing those that there are
   */
  public static QConfig named(String name) {
    QConfig q = NAMED.get(name);
    if (q == null) {
      throw new OctetException(
          "Unknown qconfig \"" + name + "\"; expected one of " + NAMED.keySet() + ".");
    }
    return q;
  }
}
