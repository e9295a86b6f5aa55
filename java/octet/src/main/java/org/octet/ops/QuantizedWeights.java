package org.octet.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.octet.backend.Platform;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;

/**
 * The weight and bias of a quantized linear layer or convolution, made ready for one input scale.
 *
 * <p>The bias becomes int32 at scale {@code k = s_in * s_w[c]}, rounded once as {@code bias * (1f /
 * k)}; the multiplier is {@code k / s_out}, all in float32. A dead channel, whose tiny weight scale
 * makes that bias (or the sum of products) overflow int32, gets its weight scale raised by powers
 * of two, and its codes rounded again, until everything fits.
 */
final class QuantizedWeights {
  private static final double LIMIT = 0x1p31;

  /** Weights whose raised channels were logged. */
  private static final Set<QuantizedTensor> LOGGED =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final int[] dims;
  private final int channels;
  private final int[] codes;
  private final float[] scales;
  private final int[] zeroPoints;
  private final List<String> raised = new ArrayList<>();
  private float[] multipliers;
  private int[] bias;

  private QuantizedWeights(QuantizedTensor weight) {
    QParams q = weight.qparams();
    dims = weight.shape().dims();
    channels = dims[0];
    codes = weight.intRepr();
    scales = new float[channels];
    zeroPoints = new int[channels];
    for (int c = 0; c < channels; c++) {
      int i = q.isPerChannel() ? c : 0;
      scales[c] = q.scale(i);
      zeroPoints[c] = q.zeroPoint(i);
    }
  }

  /** For a layer with 8-bit results. */
  static QuantizedWeights of(
      QuantizedTensor weight, FloatTensor bias, QParams input, QParams output) {
    QuantizedWeights w = new QuantizedWeights(weight);
    int range =
        Math.max(
            input.dtype().quantMax() - input.zeroPoint(),
            input.zeroPoint() - input.dtype().quantMin());
    float[] b = bias == null ? null : bias.toArray();
    w.multipliers = new float[w.channels];
    w.bias = bias == null ? null : new int[w.channels];
    for (int c = 0; c < w.channels; c++) {
      float value = b == null ? 0f : b[c];
      w.fit(c, range, input.scale(), value);
      float k = input.scale() * w.scales[c];
      w.multipliers[c] = k / output.scale();
      if (!Float.isFinite(w.multipliers[c])) {
        throw new QParamsException(
            "Input scale "
                + input.scale()
                + " times weight scale "
                + w.scales[c]
                + " of channel "
                + c
                + " divided by output scale "
                + output.scale()
                + " is not finite; calibrate {module} again.");
      }
      if (b != null) {
        w.bias[c] = (int) Math.rint((double) scaled(value, k));
      }
    }
    w.log(weight);
    return w;
  }

  /**
   * For a layer whose input is quantized while it runs, to codes whose distance to the zero point
   * is at most 255.
   */
  static QuantizedWeights ofDynamic(QuantizedTensor weight) {
    QuantizedWeights w = new QuantizedWeights(weight);
    for (int c = 0; c < w.channels; c++) {
      w.fit(c, 255, 1f, 0f);
    }
    w.log(weight);
    return w;
  }

  /** {@code bias / k} as it is rounded; a bias of zero needs no scale. */
  private static float scaled(float bias, float k) {
    return bias == 0f ? 0f : bias * (1f / k);
  }

  /** Raises the scale of channel {@code c} as far as int32 needs it. */
  private void fit(int c, int range, float inputScale, float bias) {
    if (!Float.isFinite(bias)) {
      throw new QParamsException(
          "The bias of channel "
              + c
              + " is "
              + bias
              + "; expected a finite number. Check the weights of {module}.");
    }
    int n = codes.length / channels;
    int from = c * n;
    float original = scales[c];
    for (int shift = 0; ; shift++) {
      float scale = Math.scalb(original, shift);
      if (Float.isInfinite(scale)) {
        throw new QParamsException(
            "The bias "
                + bias
                + " of channel "
                + c
                + " is too large for int32 at input scale "
                + inputScale
                + "; calibrate {module} with larger inputs or leave it in float.");
      }
      long sum = 0;
      for (int i = from; i < from + n; i++) {
        sum += Math.abs(shifted(codes[i], zeroPoints[c], shift) - zeroPoints[c]);
      }
      double largest = Math.abs((double) scaled(bias, inputScale * scale)) + (double) sum * range;
      if (largest < LIMIT) {
        if (shift > 0) {
          for (int i = from; i < from + n; i++) {
            codes[i] = shifted(codes[i], zeroPoints[c], shift);
          }
          scales[c] = scale;
          raised.add(
              "channel " + c + ": scale " + original + " to " + scale + " (bias " + bias + ")");
        }
        return;
      }
    }
  }

  /** The code at a scale that is 2^shift times larger. */
  private static int shifted(int code, int zeroPoint, int shift) {
    return shift == 0
        ? code
        : zeroPoint + (int) Math.rint(Math.scalb((double) (code - zeroPoint), -shift));
  }

  private void log(QuantizedTensor weight) {
    if (!raised.isEmpty() && LOGGED.add(weight)) {
      Platform.warn(
          "org.octet.ops",
          "Weight "
              + weight.shape()
              + ": int32 cannot hold the sums of "
              + raised.size()
              + " channel(s), whose weight scale was raised: "
              + String.join("; ", raised));
    }
  }

  /** The constants of CONV_Q8. */
  List<Storage> convolution() {
    return Arrays.asList(
        Constants.channelsLast(codes, dims),
        Constants.ofFloats(multipliers),
        zeroPointsOrNull(),
        bias == null ? null : Constants.ofInts(bias));
  }

  /** The constants of LINEAR_DYNAMIC_Q8. */
  List<Storage> dynamicLinear(FloatTensor floatBias) {
    return Arrays.asList(
        Constants.channelsLast(codes, dims),
        Constants.ofFloats(scales),
        zeroPointsOrNull(),
        floatBias == null ? null : Constants.ofFloats(floatBias.toArray()));
  }

  private Storage zeroPointsOrNull() {
    return Arrays.stream(zeroPoints).allMatch(z -> z == 0) ? null : Constants.ofInts(zeroPoints);
  }

  // ---- for tests
  // -----------------------------------------------------------------------------------------------------

  int[] codes() {
    return codes;
  }

  float[] scales() {
    return scales;
  }

  float[] multipliers() {
    return multipliers;
  }

  int[] bias() {
    return bias;
  }
}
