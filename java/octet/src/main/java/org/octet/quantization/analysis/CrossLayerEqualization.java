package org.octet.quantization.analysis;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.nn.BatchNorm;
import org.octet.nn.Conv;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.quantization.Fusion;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;

/**
 * Moves scale between neighbouring layers so that the channels of their weights get similar ranges,
 * which helps weights that are quantized per tensor. In float the model's function stays the same
 * up to rounding.
 *
 * <p>For each pair, with r1 the range (max - min) of each output channel of the first weight and r2
 * that of each input channel of the second plus 1e-9, and f = sqrt(r1 / r2): the first layer's
 * weight and bias are divided by f, the second's weight is multiplied by it. This is repeated until
 * the sum of the norms of the weights' changes is below the threshold. Channels whose weights are
 * all equal stay as they are.
 *
 * <p>Between the two layers there may be nothing but what commutes with a positive factor: ReLU,
 * max and average pooling. ReLU6, hard-swish and sigmoid do not; build the model with ReLU. And
 * nothing else may read the first layer's result. Neither is checked.
 */
public final class CrossLayerEqualization {
  /** PyTorch's threshold. */
  public static final double THRESHOLD = 1e-4;

  private static final int MOST_ROUNDS = 1000;

  private CrossLayerEqualization() {}

  /**
   * Two layers by path, the first's result going into the second: Linear, convolutions, or fused
   * with ReLU.
   */
  public record Pair(String first, String second) {}

  /** {@link #equalize(Module, List, double)} with {@link #THRESHOLD}. */
  public static Module equalize(Module model, List<Pair> pairs) {
    return equalize(model, pairs, THRESHOLD);
  }

  /**
   * A copy of {@code model} with equalized weights.
   *
   * @param model float; batch normalisation folded (Fusion.fuse)
   * @param threshold of the sum of the norms of the changes of one round
   * @throws OctetException if a path names no such layer, or the channels of a pair do not fit
   */
  public static Module equalize(Module model, List<Pair> pairs, double threshold) {
    Module copy = model.copy();
    Map<String, Layer> layers = new LinkedHashMap<>();
    for (Pair p : pairs) {
      Layer a = layers.computeIfAbsent(p.first(), path -> Layer.of(copy, path));
      Layer b = layers.computeIfAbsent(p.second(), path -> Layer.of(copy, path));
      if (a.outputs() != b.inputs()) {
        throw new OctetException(
            "Cannot equalize "
                + p.first()
                + " with "
                + a.outputs()
                + " outputs and "
                + p.second()
                + " with "
                + b.inputs()
                + " inputs; expected as many of each, the second layer right behind the first.");
      }
    }
    double change = Double.POSITIVE_INFINITY;
    for (int round = 0; round < MOST_ROUNDS && change >= threshold; round++) {
      Map<String, Double> norms = new LinkedHashMap<>();
      for (Pair p : pairs) {
        Layer a = layers.get(p.first());
        Layer b = layers.get(p.second());
        float[] f = factors(a, b);
        norms.put(p.first(), a.divideOutputs(f));
        norms.put(p.second(), b.multiplyInputs(f));
      }
      change = norms.values().stream().mapToDouble(n -> n).sum();
    }
    layers.values().forEach(Layer::store);
    return copy;
  }

  private static float[] factors(Layer a, Layer b) {
    float[] r1 = a.range(true);
    float[] r2 = b.range(false);
    float[] f = new float[r1.length];
    for (int c = 0; c < f.length; c++) {
      float q = (float) Math.sqrt(r1[c] / (r2[c] + 1e-9f));
      f[c] = r1[c] > 0 && r2[c] > 0 ? q : 1f;
    }
    return f;
  }

  /** One layer's numbers, changed in place and stored at the end. */
  private static final class Layer {
    private final FloatTensor weightTensor;
    private final FloatTensor biasTensor;
    private final float[] weight;
    private final float[] bias;
    private final int out;
    private final int in;
    private final int groups;
    private final int taps;

    private Layer(FloatTensor weight, FloatTensor bias, int groups) {
      this.weightTensor = weight;
      this.biasTensor = bias;
      this.weight = weight.toArray();
      this.bias = bias == null ? new float[0] : bias.toArray();
      this.groups = groups;
      out = weight.size(0);
      in = weight.size(1);
      taps = this.weight.length / (out * in);
    }

    static Layer of(Module root, String path) {
      Module m = root.module(path);
      boolean normalized =
          m.namedChildren().values().stream().anyMatch(c -> c instanceof BatchNorm);
      Module inner = Fusion.isFused(m) && !normalized ? m.namedChildren().get("0") : m;
      if (inner instanceof Conv c) {
        return new Layer(c.weight(), c.bias(), c.geometry().groups());
      }
      if (inner instanceof Linear l) {
        return new Layer(l.weight(), l.bias(), 1);
      }
      throw new OctetException(
          "Cannot equalize "
              + path
              + ", a "
              + m
              + "; expected a float Linear or convolution, alone or fused with ReLU, batch"
              + " normalisation folded in.");
    }

    int outputs() {
      return out;
    }

    int inputs() {
      return in * groups;
    }

    /** The channel of element {@code i}: output, or input counted over all groups. */
    private int channel(int i, boolean output) {
      int o = i / (in * taps);
      return output ? o : o / (out / groups) * in + i / taps % in;
    }

    float[] range(boolean output) {
      int n = output ? out : inputs();
      float[] min = new float[n];
      float[] max = new float[n];
      Arrays.fill(min, Float.POSITIVE_INFINITY);
      Arrays.fill(max, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < weight.length; i++) {
        int c = channel(i, output);
        min[c] = Math.min(min[c], weight[i]);
        max[c] = Math.max(max[c], weight[i]);
      }
      for (int c = 0; c < n; c++) {
        max[c] -= min[c];
      }
      return max;
    }

    double divideOutputs(float[] f) {
      for (int c = 0; c < bias.length; c++) {
        bias[c] *= 1f / f[c];
      }
      double sum = 0;
      for (int i = 0; i < weight.length; i++) {
        sum += change(i, weight[i] * (1f / f[channel(i, true)]));
      }
      return Math.sqrt(sum);
    }

    double multiplyInputs(float[] f) {
      double sum = 0;
      for (int i = 0; i < weight.length; i++) {
        sum += change(i, weight[i] * f[channel(i, false)]);
      }
      return Math.sqrt(sum);
    }

    private double change(int i, float value) {
      double d = value - weight[i];
      weight[i] = value;
      return d * d;
    }

    void store() {
      weightTensor.copyFrom(weight);
      if (biasTensor != null) {
        biasTensor.copyFrom(bias);
      }
    }
  }
}
