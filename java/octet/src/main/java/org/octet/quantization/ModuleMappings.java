package org.octet.quantization;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.AvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.CELU;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.ConvTranspose1d;
import org.octet.nn.ConvTranspose2d;
import org.octet.nn.ConvTranspose3d;
import org.octet.nn.Dropout;
import org.octet.nn.ELU;
import org.octet.nn.Flatten;
import org.octet.nn.GELU;
import org.octet.nn.GroupNorm;
import org.octet.nn.Hardsigmoid;
import org.octet.nn.Hardswish;
import org.octet.nn.Hardtanh;
import org.octet.nn.Identity;
import org.octet.nn.InstanceNorm1d;
import org.octet.nn.InstanceNorm2d;
import org.octet.nn.LayerNorm;
import org.octet.nn.LeakyReLU;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool1d;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.ReLU6;
import org.octet.nn.Sigmoid;
import org.octet.nn.Softmax;
import org.octet.nn.Tanh;
import org.octet.nn.Threshold;
import org.octet.nn.intrinsic.BNReLU2d;
import org.octet.nn.intrinsic.BNReLU3d;
import org.octet.nn.intrinsic.ConvReLU1d;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.intrinsic.ConvReLU3d;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.intrinsic.quantized.QuantizedBNReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedBNReLU3d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU1d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU3d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.quantized.DeQuantize;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.nn.quantized.QFunctional;
import org.octet.nn.quantized.Quantize;
import org.octet.nn.quantized.QuantizedBatchNorm2d;
import org.octet.nn.quantized.QuantizedBatchNorm3d;
import org.octet.nn.quantized.QuantizedConv1d;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedConv3d;
import org.octet.nn.quantized.QuantizedConvTranspose1d;
import org.octet.nn.quantized.QuantizedConvTranspose2d;
import org.octet.nn.quantized.QuantizedConvTranspose3d;
import org.octet.nn.quantized.QuantizedELU;
import org.octet.nn.quantized.QuantizedGroupNorm;
import org.octet.nn.quantized.QuantizedHardswish;
import org.octet.nn.quantized.QuantizedInstanceNorm1d;
import org.octet.nn.quantized.QuantizedInstanceNorm2d;
import org.octet.nn.quantized.QuantizedLayerNorm;
import org.octet.nn.quantized.QuantizedLeakyReLU;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinear;
import org.octet.nn.quantized.dynamic.DynamicQuantizedLinearReLU;
import org.octet.quantization.observer.Observer;

/**
 * The one table of what float modules become, by exact type. Immutable: the {@code with} methods
 * return another table.
 *
 * <pre>{@code
 * ModuleMappings mine = ModuleMappings.defaults()
 *     .withStatic(
 *         MyLayer.class,
 *         (m, c) -> new MyQuantizedLayer(c.quantizeWeight(m.weight()), c.output()));
 * Module p = Quantization.prepare(model, qconfigs, mine);
 * Module q = Quantization.convert(p, ConvertOptions.defaults().mapping(mine));
 * }</pre>
 */
public final class ModuleMappings {
  private static final ModuleMappings DEFAULTS = makeDefaults();

  private final Map<Class<?>, Row> rows;

  private ModuleMappings(Map<Class<?>, Row> rows) {
    this.rows = rows;
  }

  /** Makes the quantized form of a module. */
  @FunctionalInterface
  public interface Factory<M extends Module> {
    /** A new module; {@code module} is not changed. */
    Module create(M module, Conversion conversion);
  }

  /** Makes the form of a module that is trained with a fake-quantized weight. */
  @FunctionalInterface
  public interface QatFactory<M extends Module> {
    /** A new module of {@code module}'s own parameters. */
    Module create(M module, Observer weightFakeQuant);
  }

  /** What is known of one type. */
  static final class Row {
    private static final Row EMPTY = new Row();

    private Factory<Module> toStatic;
    private Factory<Module> toDynamic;
    private boolean observed;
    private boolean passThrough;
    private boolean weightOnly;
    private QatFactory<Module> toQat;
    private QatFactory<Module> toDynamicQat;
    private Supplier<? extends Observer> fixed;

    private Row edited(Consumer<Row> change) {
      Row r = new Row();
      r.toStatic = toStatic;
      r.toDynamic = toDynamic;
      r.observed = observed;
      r.passThrough = passThrough;
      r.weightOnly = weightOnly;
      r.toQat = toQat;
      r.toDynamicQat = toDynamicQat;
      r.fixed = fixed;
      change.accept(r);
      return r;
    }

    /** For observed modules, or null. */
    Factory<Module> toStatic() {
      return toStatic;
    }

    /** For modules that choose parameters at run time, or null. */
    Factory<Module> toDynamic() {
      return toDynamic;
    }

    /** Whether the output needs parameters, so that prepare attaches an observer. */
    boolean observed() {
      return observed;
    }

    /** Whether the module as it is takes quantized tensors. */
    boolean passThrough() {
      return passThrough;
    }

    /** Whether only the weight is quantized, a table of embeddings; both forms are the same. */
    boolean weightOnly() {
      return weightOnly;
    }

    /** For modules with a weight that training rounds, or null. */
    QatFactory<Module> toQat() {
      return toQat;
    }

    /** The same for a form that becomes a dynamic one, or null. */
    QatFactory<Module> toDynamicQat() {
      return toDynamicQat;
    }

    /**
     * Makes the fake quantizer of a pass-through module whose quantized results have fixed
     * parameters, or null.
     */
    Supplier<? extends Observer> fixed() {
      return fixed;
    }

    /** Whether there is only a form for training, as for a layer with batch normalisation apart. */
    boolean isQatOnly() {
      return toQat != null && toStatic == null && toDynamic == null;
    }
  }

  /** PyTorch's default mappings, as far as Octet has the modules. */
  public static ModuleMappings defaults() {
    return DEFAULTS;
  }

  private static ModuleMappings makeDefaults() {
    return new ModuleMappings(Map.of())
        .withStatic(QuantStub.class, (m, c) -> new Quantize(c.output()))
        .withUnobserved(DeQuantStub.class, (m, c) -> new DeQuantize())
        .withStatic(FloatFunctional.class, (m, c) -> new QFunctional(c.output()))
        .withStatic(Hardswish.class, (m, c) -> new QuantizedHardswish(c.output()))
        .withStatic(
            Linear.class,
            (m, c) -> new QuantizedLinear(c.quantizeWeight(m.weight()), m.bias(), c.output()))
        .withDynamic(Linear.class, ModuleMappings::dynamicLinear)
        .withStatic(LinearReLU.class, ModuleMappings::staticLinearReLU)
        .withDynamic(LinearReLU.class, ModuleMappings::dynamicLinearReLU)
        .withStatic(Conv1d.class, ConvMappings.conv(QuantizedConv1d::new))
        .withStatic(Conv2d.class, ConvMappings.conv(QuantizedConv2d::new))
        .withStatic(Conv3d.class, ConvMappings.conv(QuantizedConv3d::new))
        .withStatic(ConvTranspose1d.class, ConvMappings.transposed(QuantizedConvTranspose1d::new))
        .withStatic(ConvTranspose2d.class, ConvMappings.transposed(QuantizedConvTranspose2d::new))
        .withStatic(ConvTranspose3d.class, ConvMappings.transposed(QuantizedConvTranspose3d::new))
        .withStatic(ConvReLU1d.class, ConvMappings.convReLU(QuantizedConvReLU1d::new))
        .withStatic(ConvReLU2d.class, ConvMappings.convReLU(QuantizedConvReLU2d::new))
        .withStatic(ConvReLU3d.class, ConvMappings.convReLU(QuantizedConvReLU3d::new))
        .withStatic(BatchNorm2d.class, (m, c) -> new QuantizedBatchNorm2d(m, c.output()))
        .withStatic(
            BNReLU2d.class, (m, c) -> new QuantizedBNReLU2d((BatchNorm2d) m.bn(), c.output()))
        .withStatic(BatchNorm3d.class, (m, c) -> new QuantizedBatchNorm3d(m, c.output()))
        .withStatic(
            BNReLU3d.class, (m, c) -> new QuantizedBNReLU3d((BatchNorm3d) m.bn(), c.output()))
        .withStatic(ELU.class, (m, c) -> new QuantizedELU(m.alpha(), c.output()))
        .withStatic(
            LeakyReLU.class, (m, c) -> new QuantizedLeakyReLU(m.negativeSlope(), c.output()))
        .withStatic(
            LayerNorm.class,
            (m, c) ->
                new QuantizedLayerNorm(
                    m.normalizedShape(), m.weight(), m.bias(), m.eps(), c.output()))
        .withStatic(
            GroupNorm.class,
            (m, c) ->
                new QuantizedGroupNorm(m.numGroups(), m.weight(), m.bias(), m.eps(), c.output()))
        .withStatic(
            InstanceNorm1d.class,
            (m, c) -> new QuantizedInstanceNorm1d(m.weight(), m.bias(), m.eps(), c.output()))
        .withStatic(
            InstanceNorm2d.class,
            (m, c) -> new QuantizedInstanceNorm2d(m.weight(), m.bias(), m.eps(), c.output()))
        .withPassThrough(
            GELU.class,
            CELU.class,
            Threshold.class,
            Softmax.class,
            ReLU.class,
            ReLU6.class,
            Hardtanh.class,
            Hardsigmoid.class,
            Sigmoid.class,
            Tanh.class,
            MaxPool1d.class,
            MaxPool2d.class,
            AvgPool2d.class,
            AdaptiveAvgPool2d.class,
            Flatten.class,
            Dropout.class,
            Identity.class)
        .withFixedQParams(Sigmoid.class, FakeQuants.DEFAULT_FIXED_QPARAMS_RANGE_0TO1_FAKE_QUANT)
        .withFixedQParams(Softmax.class, FakeQuants.DEFAULT_FIXED_QPARAMS_RANGE_0TO1_FAKE_QUANT)
        .withFixedQParams(Hardsigmoid.class, FakeQuants.DEFAULT_FIXED_QPARAMS_RANGE_0TO1_FAKE_QUANT)
        .withFixedQParams(Tanh.class, FakeQuants.DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_FAKE_QUANT)
        .with(QatMappings::add);
  }

  private ModuleMappings with(UnaryOperator<ModuleMappings> more) {
    return more.apply(this);
  }

  private static Module staticLinearReLU(LinearReLU m, Conversion c) {
    Linear l = (Linear) m.linear();
    return new QuantizedLinearReLU(c.quantizeWeight(l.weight()), l.bias(), c.output());
  }

  /** Also of the form that was trained for it. */
  static Module dynamicLinear(Linear m, Conversion c) {
    return new DynamicQuantizedLinear(c.quantizeWeight(m.weight()), m.bias(), c.reduceRange());
  }

  private static Module dynamicLinearReLU(LinearReLU m, Conversion c) {
    Linear l = (Linear) m.linear();
    return new DynamicQuantizedLinearReLU(c.quantizeWeight(l.weight()), l.bias(), c.reduceRange());
  }

  /** With a static form: prepare observes the module's output, convert makes the new module. */
  public <M extends Module> ModuleMappings withStatic(Class<M> type, Factory<? super M> factory) {
    return with(
        type,
        r -> {
          r.toStatic = checked(type, factory);
          r.observed = true;
          r.passThrough = false;
        });
  }

  /** With a dynamic form, which chooses parameters when it runs. */
  public <M extends Module> ModuleMappings withDynamic(Class<M> type, Factory<? super M> factory) {
    return with(type, r -> r.toDynamic = checked(type, factory));
  }

  /**
   * With a form whose weight alone is quantized, in rows with float zero points, as tables of
   * embeddings are; what it computes is float. All three workflows make it, where the QConfig's
   * weight observer is one for such rows.
   */
  public <M extends Module> ModuleMappings withWeightOnly(
      Class<M> type, Factory<? super M> factory) {
    return with(
        type,
        r -> {
          r.toStatic = checked(type, factory);
          r.toDynamic = r.toStatic;
          r.weightOnly = true;
        });
  }

  /**
   * With a form for quantization-aware training, which prepareQat puts in the module's place. The
   * form's own type needs a static one.
   */
  public <M extends Module> ModuleMappings withQat(Class<M> type, QatFactory<? super M> factory) {
    return with(type, r -> r.toQat = checked(type, factory));
  }

  /**
   * With a form for quantization-aware training whose input is rounded with the parameters of the
   * newest tensor; prepareQat puts it in the module's place where the QConfig asks for that. The
   * form's own type needs a dynamic one.
   */
  public <M extends Module> ModuleMappings withDynamicQat(
      Class<M> type, QatFactory<? super M> factory) {
    return with(type, r -> r.toDynamicQat = checked(type, factory));
  }

  /**
   * With the fake quantizer of a pass-through type whose quantized results have fixed parameters.
   */
  public ModuleMappings withFixedQParams(
      Class<? extends Module> type, Supplier<? extends Observer> fakeQuant) {
    return with(type, r -> r.fixed = fakeQuant);
  }

  /**
   * With a static form that has no parameters of its own, so that nothing is observed and convert
   * always makes it.
   */
  public <M extends Module> ModuleMappings withUnobserved(
      Class<M> type, Factory<? super M> factory) {
    return without(type).with(type, r -> r.toStatic = checked(type, factory));
  }

  /** With types that take quantized tensors as they are. */
  @SafeVarargs
  public final ModuleMappings withPassThrough(Class<? extends Module>... types) {
    ModuleMappings m = this;
    for (Class<? extends Module> type : types) {
      m = m.without(type).with(type, r -> r.passThrough = true);
    }
    return m;
  }

  /** Without a type: it stays float. */
  public ModuleMappings without(Class<? extends Module> type) {
    Map<Class<?>, Row> changed = new LinkedHashMap<>(rows);
    changed.remove(type);
    return new ModuleMappings(changed);
  }

  private ModuleMappings with(Class<?> type, Consumer<Row> change) {
    Map<Class<?>, Row> changed = new LinkedHashMap<>(rows);
    changed.put(type, rows.getOrDefault(type, Row.EMPTY).edited(change));
    return new ModuleMappings(changed);
  }

  private static <M extends Module> QatFactory<Module> checked(
      Class<M> type, QatFactory<? super M> factory) {
    return (m, fakeQuant) -> factory.create(type.cast(m), fakeQuant);
  }

  private static <M extends Module> Factory<Module> checked(
      Class<M> type, Factory<? super M> factory) {
    return (m, c) -> factory.create(type.cast(m), c);
  }

  /** The row of a module's exact type, or null. */
  Row row(Module m) {
    return rows.get(m.getClass());
  }
}
