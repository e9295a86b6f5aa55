package org.octet.quantization;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import org.octet.nn.BatchNorm;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.ConvTranspose;
import org.octet.nn.ConvTranspose1d;
import org.octet.nn.ConvTranspose2d;
import org.octet.nn.ConvTranspose3d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.intrinsic.BNReLU2d;
import org.octet.nn.intrinsic.BNReLU3d;
import org.octet.nn.intrinsic.ConvBn1d;
import org.octet.nn.intrinsic.ConvBn2d;
import org.octet.nn.intrinsic.ConvBn3d;
import org.octet.nn.intrinsic.ConvBnReLU1d;
import org.octet.nn.intrinsic.ConvBnReLU2d;
import org.octet.nn.intrinsic.ConvBnReLU3d;
import org.octet.nn.intrinsic.ConvReLU1d;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.intrinsic.ConvReLU3d;
import org.octet.nn.intrinsic.LinearBn1d;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.ops.ConvGeometry;
import org.octet.ops.TransposedGeometry;
import org.octet.tensor.FloatTensor;

/** What can be fused, by exact type, and what comes out of it. */
final class FusionPatterns {
  private static final Map<List<Class<? extends Module>>, Row> ROWS = new LinkedHashMap<>();

  /** What a pattern becomes in evaluation mode, and in training mode. */
  private record Row(Function<List<Module>, Module> fuse, Function<List<Module>, Module> fuseQat) {}

  static {
    conv(Conv1d.class, BatchNorm1d.class, Conv1d::new, ConvReLU1d::new)
        .training(ConvBn1d::new, ConvBnReLU1d::new);
    conv(Conv2d.class, BatchNorm2d.class, Conv2d::new, ConvReLU2d::new)
        .training(ConvBn2d::new, ConvBnReLU2d::new);
    conv(Conv3d.class, BatchNorm3d.class, Conv3d::new, ConvReLU3d::new)
        .training(ConvBn3d::new, ConvBnReLU3d::new);
    transposed(ConvTranspose1d.class, BatchNorm1d.class, ConvTranspose1d::new);
    transposed(ConvTranspose2d.class, BatchNorm2d.class, ConvTranspose2d::new);
    transposed(ConvTranspose3d.class, BatchNorm3d.class, ConvTranspose3d::new);
    row(m -> new LinearReLU((Linear) m.get(0), (ReLU) m.get(1)), Linear.class, ReLU.class);
    row(
        m -> foldLinear(m.get(0), m.get(1)),
        m -> new LinearBn1d((Linear) m.get(0), (BatchNorm1d) m.get(1)),
        Linear.class,
        BatchNorm1d.class);
    row(m -> new BNReLU2d((BatchNorm2d) m.get(0), (ReLU) m.get(1)), BatchNorm2d.class, ReLU.class);
    row(m -> new BNReLU3d((BatchNorm3d) m.get(0), (ReLU) m.get(1)), BatchNorm3d.class, ReLU.class);
  }

  private FusionPatterns() {}

  /** Makes a convolution. */
  @FunctionalInterface
  private interface Layer<C> {
    C create(ConvGeometry geometry, FloatTensor weight, FloatTensor bias);
  }

  @FunctionalInterface
  private interface Three<C, B> {
    Module of(C conv, B bn, ReLU relu);
  }

  /** What begins with a convolution of one dimensionality. */
  private record ConvRows<C extends Conv, B extends BatchNorm>(
      Class<C> conv, Class<B> bn, Layer<C> layer, BiFunction<C, ReLU, Module> withRelu) {
    private C fold(List<Module> m) {
      C c = conv.cast(m.get(0));
      FloatTensor[] wb = FusionPatterns.fold(c.weight(), c.bias(), (BatchNorm) m.get(1));
      return evaluating(layer.create(c.geometry(), wb[0], wb[1]));
    }

    void training(BiFunction<C, B, Module> withBn, Three<C, B> withBoth) {
      row(this::fold, m -> withBn.apply(conv.cast(m.get(0)), bn.cast(m.get(1))), conv, bn);
      row(
          m -> withRelu.apply(fold(m), (ReLU) m.get(2)),
          m -> withBoth.of(conv.cast(m.get(0)), bn.cast(m.get(1)), (ReLU) m.get(2)),
          conv,
          bn,
          ReLU.class);
      row(m -> withRelu.apply(conv.cast(m.get(0)), (ReLU) m.get(1)), conv, ReLU.class);
    }
  }

  /** Makes a transposed convolution. */
  @FunctionalInterface
  private interface TransposedLayer {
    Module create(TransposedGeometry geometry, FloatTensor weight, FloatTensor bias);
  }

  /** As in PyTorch, there is no form for training. */
  private static void transposed(
      Class<? extends ConvTranspose> conv, Class<? extends BatchNorm> bn, TransposedLayer layer) {
    row(
        m -> {
          ConvTranspose c = (ConvTranspose) m.get(0);
          BatchNorm b = (BatchNorm) m.get(1);
          int groups = c.geometry().conv().groups();
          FloatTensor[] wb = foldTransposed(c.weight(), c.bias(), b, groups);
          return evaluating(layer.create(c.geometry(), wb[0], wb[1]));
        },
        (Function<List<Module>, Module>) null,
        conv,
        bn);
  }

  private static <C extends Conv, B extends BatchNorm> ConvRows<C, B> conv(
      Class<C> conv, Class<B> bn, Layer<C> layer, BiFunction<C, ReLU, Module> withRelu) {
    return new ConvRows<>(conv, bn, layer, withRelu);
  }

  @SafeVarargs
  private static void row(Function<List<Module>, Module> fuse, Class<? extends Module>... types) {
    ROWS.put(List.of(types), new Row(fuse, fuse));
  }

  @SafeVarargs
  private static void row(
      Function<List<Module>, Module> fuse,
      Function<List<Module>, Module> fuseQat,
      Class<? extends Module>... types) {
    ROWS.put(List.of(types), new Row(fuse, fuseQat));
  }

  /** Whether exactly these modules make a pattern. */
  static boolean matches(List<Module> modules) {
    return ROWS.containsKey(types(modules));
  }

  /** Whether these modules, which match, have a form for training. */
  static boolean trains(List<Module> modules) {
    return ROWS.get(types(modules)).fuseQat() != null;
  }

  /** Whether some pattern begins with these modules. */
  static boolean begins(List<Module> modules) {
    List<Class<? extends Module>> types = types(modules);
    return ROWS.keySet().stream()
        .anyMatch(k -> k.size() >= types.size() && k.subList(0, types.size()).equals(types));
  }

  private static List<Class<? extends Module>> types(List<Module> modules) {
    List<Class<? extends Module>> types = new ArrayList<>();
    modules.forEach(m -> types.add(m.getClass()));
    return types;
  }

  /** The module that stands for all of {@code modules}, which match. */
  static Module fuse(List<Module> modules) {
    return ROWS.get(types(modules)).fuse().apply(modules);
  }

  /** The module that stands for all of {@code modules}, which match, while they are trained. */
  static Module fuseQat(List<Module> modules) {
    if (!trains(modules)) {
      throw new FusionException(
          "a transposed convolution and a batch normalisation have no form for training; leave them"
              + " apart, or fuse in evaluation mode.");
    }
    for (Module m : modules) {
      if (m instanceof BatchNorm bn && modules.get(0) != bn) {
        checkTrainable(modules.get(0), bn);
      }
    }
    return ROWS.get(types(modules)).fuseQat().apply(modules);
  }

  private static void checkTrainable(Module layer, BatchNorm bn) {
    FloatTensor w = layer instanceof Linear l ? l.weight() : ((Conv) layer).weight();
    if (bn.weight() == null) {
      throw new FusionException(
          bn + " has no scale and shift; expected one with affine = true, which training needs.");
    }
    checkChannels(w, w.size(0), bn);
  }

  private static void checkChannels(FloatTensor weight, int out, BatchNorm bn) {
    if (bn.numFeatures() != out) {
      throw new FusionException(
          "a weight of shape "
              + weight.shape()
              + " and a batch normalisation of "
              + bn.numFeatures()
              + " channels cannot be fused; expected "
              + out
              + " channels. Are these modules really neighbours?");
    }
  }

  /** All patterns, for messages. */
  static String describe() {
    return ROWS.keySet().stream()
        .map(k -> k.stream().map(Class::getSimpleName).collect(Collectors.joining("-")))
        .collect(Collectors.joining(", "));
  }

  private static Linear foldLinear(Module linear, Module bn) {
    Linear l = (Linear) linear;
    FloatTensor[] wb = fold(l.weight(), l.bias(), (BatchNorm) bn);
    return evaluating(new Linear(wb[0], wb[1]));
  }

  private static <M extends Module> M evaluating(M m) {
    m.eval();
    return m;
  }

  /**
   * {weight, bias} with a batch normalisation behind folded in: w g / sqrt(var + eps), (b - mean) g
   * / sqrt(var + eps) + beta. In float32 and in PyTorch's order of steps, so that the weights get
   * the codes that they get there.
   */
  static FloatTensor[] fold(FloatTensor weight, FloatTensor bias, BatchNorm bn) {
    int out = weight.size(0);
    int inner = Math.max(1, (int) weight.numel() / Math.max(1, out));
    return fold(weight, bias, bn, out, i -> i / inner);
  }

  /** {@link #fold} of a weight [in, out / groups, kernel...]. */
  private static FloatTensor[] foldTransposed(
      FloatTensor weight, FloatTensor bias, BatchNorm bn, int groups) {
    int perGroup = weight.size(1);
    int taps = (int) weight.numel() / weight.size(0) / perGroup;
    int inPerGroup = weight.size(0) / groups;
    return fold(
        weight,
        bias,
        bn,
        perGroup * groups,
        i -> i / taps / perGroup / inPerGroup * perGroup + i / taps % perGroup);
  }

  private static FloatTensor[] fold(
      FloatTensor weight, FloatTensor bias, BatchNorm bn, int out, IntUnaryOperator channelOf) {
    checkChannels(weight, out, bn);
    float[] w = weight.toArray();
    float[] b = bias == null ? new float[out] : bias.toArray();
    float[] g = bn.weight() == null ? null : bn.weight().toArray();
    float[] beta = bn.bias() == null ? null : bn.bias().toArray();
    float[] mean = bn.runningMean().toArray();
    float[] var = bn.runningVar().toArray();
    float[] k = new float[out];
    for (int c = 0; c < out; c++) {
      float rsqrt = 1f / (float) Math.sqrt(var[c] + (float) bn.eps());
      float gamma = g == null ? 1f : g[c];
      k[c] = gamma * rsqrt;
      b[c] = (b[c] - mean[c]) * rsqrt * gamma + (beta == null ? 0f : beta[c]);
    }
    for (int i = 0; i < w.length; i++) {
      w[i] *= k[channelOf.applyAsInt(i)];
    }
    return new FloatTensor[] {FloatTensor.of(w, weight.shape().dims()), FloatTensor.of(b, out)};
  }
}
