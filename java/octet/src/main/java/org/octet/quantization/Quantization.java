package org.octet.quantization;

import java.util.function.Consumer;
import org.octet.backend.Platform;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.LinearReLU;

/**
 * The workflows of eager-mode quantization. All of them leave the given model as it is, to the bit,
 * and return a new one.
 *
 * <pre>{@code
 * Module p = Quantization.prepare(Fusion.fuse(model), QConfigMapping.forEngine(Engine.X86));
 * for (Tensor batch : calibration) {
 *   p.forward(batch);
 * }
 * Module q = Quantization.convert(p);
 * }</pre>
 *
 * The methods that end in {@code WithReport} also say, for each layer, what was done or why not.
 * Warnings go to the logger "org.octet.quantization" too.
 */
public final class Quantization {

  private Quantization() {}

  /** A model, and what was done to get it. */
  public record Result(Module model, QuantizationReport report) {}

  // ---- static ----

  /**
   * A copy of {@code model}, in evaluation mode, whose layers have observers: of those types that
   * have a static form, and that {@code qconfigs} has a QConfig for. Fused modules count as one
   * layer; pooling, ReLU, Flatten and the like have none. Run calibration data through it, then
   * {@link #convert}.
   *
   * <p>A model that is one layer is observed through {@code call}, not through {@code forward};
   * wrap it in a QuantWrapper.
   */
  public static Module prepare(Module model, QConfigMapping qconfigs) {
    return prepareWithReport(model, qconfigs).model();
  }

  /** {@link #prepare(Module, QConfigMapping)} with another table of what modules become. */
  public static Module prepare(Module model, QConfigMapping qconfigs, ModuleMappings mappings) {
    return prepareWithReport(model, qconfigs, mappings).model();
  }

  /** {@link #prepare(Module, QConfigMapping)} and what it did. */
  public static Result prepareWithReport(Module model, QConfigMapping qconfigs) {
    return prepareWithReport(model, qconfigs, ModuleMappings.defaults());
  }

  /** {@link #prepare(Module, QConfigMapping, ModuleMappings)} and what it did. */
  public static Result prepareWithReport(
      Module model, QConfigMapping qconfigs, ModuleMappings mappings) {
    return log(new Preparer(qconfigs, mappings).prepare(model));
  }

  /**
   * A copy of a prepared and calibrated model with quantized modules in the place of the observed
   * ones and without observers. Weights are quantized here, with the weight observer of the
   * QConfig.
   *
   * @throws org.octet.quantization.observer.CalibrationException if observers saw nothing, naming
   *     all of them
   * @throws org.octet.tensor.OctetException if the model has no observers, or a module's form
   *     refuses its parameters
   */
  public static Module convert(Module prepared) {
    return convert(prepared, ConvertOptions.defaults());
  }

  /** {@link #convert(Module)} with options. */
  public static Module convert(Module prepared, ConvertOptions options) {
    return convertWithReport(prepared, options).model();
  }

  /** {@link #convert(Module)} and what it did. */
  public static Result convertWithReport(Module prepared) {
    return convertWithReport(prepared, ConvertOptions.defaults());
  }

  /** {@link #convert(Module, ConvertOptions)} and what it did. */
  public static Result convertWithReport(Module prepared, ConvertOptions options) {
    return log(new Converter(options).convert(prepared));
  }

  /**
   * Prepare, calibrate and convert in one.
   *
   * @param calibrate runs data through the prepared model it is given
   */
  public static Module quantize(Module model, QConfigMapping qconfigs, Consumer<Module> calibrate) {
    Module p = prepare(model, qconfigs);
    calibrate.accept(p);
    return convert(p);
  }

  // ---- quantization-aware training ----

  /**
   * A copy of {@code model}, in training mode, that computes as the quantized model will: layers
   * with weights become those of {@code nn.qat}, with fake-quantized weights, and outputs run
   * through fake quantizers. Train it, then {@link #convert}.
   *
   * <pre>{@code
   * Module t = Quantization.prepareQat(Fusion.fuseQat(model), QConfigMapping.qat(Engine.X86));
   * // train t; after some epochs:
   * t.apply(FakeQuantize::disableObserver);
   * t.apply(FoldsBatchNorm::freezeBnStats);
   * // train on
   * Module q = Quantization.convert(t);
   * }</pre>
   *
   * @param model in training mode, from {@link Fusion#fuseQat(Module)} where batch normalisation
   *     follows a layer
   * @param qconfigs with fake quantizers, as {@link QConfigMapping#qat(Engine)}
   * @throws org.octet.tensor.OctetException if the model is in evaluation mode or prepared already,
   *     or a QConfig has no fake quantizer for the weight
   */
  public static Module prepareQat(Module model, QConfigMapping qconfigs) {
    return prepareQatWithReport(model, qconfigs).model();
  }

  /** {@link #prepareQat(Module, QConfigMapping)} with another table of what modules become. */
  public static Module prepareQat(Module model, QConfigMapping qconfigs, ModuleMappings mappings) {
    return prepareQatWithReport(model, qconfigs, mappings).model();
  }

  /** {@link #prepareQat(Module, QConfigMapping)} and what it did. */
  public static Result prepareQatWithReport(Module model, QConfigMapping qconfigs) {
    return prepareQatWithReport(model, qconfigs, ModuleMappings.defaults());
  }

  /** {@link #prepareQat(Module, QConfigMapping, ModuleMappings)} and what it did. */
  public static Result prepareQatWithReport(
      Module model, QConfigMapping qconfigs, ModuleMappings mappings) {
    return log(new Preparer(qconfigs, mappings).prepareQat(model));
  }

  /**
   * Prepare for training, train and convert in one.
   *
   * @param model in training mode
   * @param train trains the prepared model it is given
   */
  public static Module quantizeQat(Module model, QConfigMapping qconfigs, Consumer<Module> train) {
    Module t = prepareQat(model, qconfigs);
    train.accept(t);
    return convert(t);
  }

  // ---- dynamic ----

  /**
   * The mapping of {@link #quantizeDynamic(Module)}: Linear and LinearReLU,
   * default_dynamic_qconfig.
   */
  public static QConfigMapping defaultDynamicMapping() {
    return new QConfigMapping()
        .setObjectType(Linear.class, QConfigs.DEFAULT_DYNAMIC)
        .setObjectType(LinearReLU.class, QConfigs.DEFAULT_DYNAMIC);
  }

  /**
   * A copy of {@code model}, in evaluation mode, whose linear layers have qint8 weights and
   * quantize their inputs when they run. Needs no calibration; everything else, convolutions among
   * it, stays float (the report says so).
   */
  public static Module quantizeDynamic(Module model) {
    return quantizeDynamic(model, defaultDynamicMapping());
  }

  /**
   * {@link #quantizeDynamic(Module)} for the modules that {@code qconfigs} has a dynamic QConfig
   * for.
   */
  public static Module quantizeDynamic(Module model, QConfigMapping qconfigs) {
    return quantizeDynamicWithReport(model, qconfigs).model();
  }

  /** {@link #quantizeDynamic(Module)} and what it did. */
  public static Result quantizeDynamicWithReport(Module model) {
    return quantizeDynamicWithReport(model, defaultDynamicMapping());
  }

  /** {@link #quantizeDynamic(Module, QConfigMapping)} and what it did. */
  public static Result quantizeDynamicWithReport(Module model, QConfigMapping qconfigs) {
    return quantizeDynamicWithReport(model, qconfigs, ModuleMappings.defaults());
  }

  /**
   * {@link #quantizeDynamic(Module, QConfigMapping)} with another table of what modules become, and
   * what it did.
   *
   * @throws org.octet.tensor.OctetException if a QConfig is one for static quantization
   */
  public static Result quantizeDynamicWithReport(
      Module model, QConfigMapping qconfigs, ModuleMappings mappings) {
    return log(new DynamicQuantizer(qconfigs, mappings).quantize(model));
  }

  private static Result log(Result r) {
    r.report().warnings().forEach(w -> Platform.warn("org.octet.quantization", w));
    return r;
  }
}
