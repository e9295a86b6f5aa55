package org.octet.quantization.analysis;

import java.util.Map;
import org.octet.autograd.NoGrad;
import org.octet.nn.Conv;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.quantized.QuantizedLayer;
import org.octet.ops.Activation;
import org.octet.ops.ConvOp;
import org.octet.ops.LinearOp;
import org.octet.quantization.Fusion;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * Takes the mean error of each output channel, which rounded weights cause, out of the biases.
 *
 * <p>One layer after the other, in the order in which the model registers them: data is run through
 * the quantized model, the float layer is fed what the quantized layer got, and the mean over batch
 * and positions of (quantized - float) is subtracted from the bias; the next layer sees the
 * corrected ones before it. Layers with a fused ReLU are compared in front of it: there the error
 * is that of the weights alone.
 */
public final class BiasCorrection {
  private BiasCorrection() {}

  /**
   * A copy of {@code quantized} with corrected biases.
   *
   * @param model the float model that was prepared, fused, so that its layers have the paths of the
   *     quantized ones
   * @param quantized the converted model; static layers are corrected, others left alone
   * @param data inputs of the model; gone through once for each layer
   * @throws OctetException if {@code data} is empty, or a quantized layer has no float layer at its
   *     path
   */
  public static Module correct(Module model, Module quantized, Iterable<? extends Tensor> data) {
    if (!data.iterator().hasNext()) {
      throw new OctetException(
          "Bias correction got no data; give it some batches, such as those of the calibration.");
    }
    Module copy = quantized.copy();
    for (Map.Entry<String, Module> e : quantized.namedModules().entrySet()) {
      if (e.getValue() instanceof QuantizedLayer && !e.getKey().isEmpty()) {
        correct(model, copy, e.getKey(), data);
      }
    }
    return copy;
  }

  private static void correct(
      Module model, Module copy, String path, Iterable<? extends Tensor> data) {
    QuantizedLayer layer = (QuantizedLayer) copy.module(path);
    Module floatLayer = model.module(path);
    Shadow shadow =
        new Shadow(
            layer,
            Fusion.isFused(floatLayer) ? floatLayer.namedChildren().get("0") : floatLayer,
            path);
    int dot = path.lastIndexOf('.');
    Module parent = copy.module(dot < 0 ? "" : path.substring(0, dot));
    String name = path.substring(dot + 1);
    parent.setChild(name, shadow);
    try (NoGrad off = NoGrad.enter()) {
      for (Tensor batch : data) {
        try (TensorScope scope = TensorScope.open()) {
          copy.forward(batch);
        }
      }
    } finally {
      parent.setChild(name, layer);
    }
    parent.setChild(name, layer.withBias(shadow.corrected()));
  }

  /** Stands in a quantized layer's place and adds up its error. */
  private static final class Shadow extends Module {
    private final QuantizedLayer layer;
    private final Module original;
    private final FloatTensor weight;
    private final FloatTensor bias;
    private final FloatTensor rounded;
    private final double[] sums;
    private long count;

    Shadow(QuantizedLayer layer, Module original, String path) {
      this.layer = layer;
      this.original = original;
      if (original instanceof Conv c) {
        weight = c.weight();
        bias = c.bias();
      } else if (original instanceof Linear l) {
        weight = l.weight();
        bias = l.bias();
      } else {
        throw new OctetException(
            "Bias correction got a "
                + original
                + " in the float model for "
                + path
                + ", a "
                + layer
                + "; expected the fused float model from which it was made.");
      }
      rounded = layer.weight().dequantize();
      if (!rounded.shape().equals(weight.shape())) {
        throw new OctetException(
            "Bias correction got a weight "
                + weight.shape()
                + " in the float model for "
                + path
                + ", whose weight is "
                + rounded.shape()
                + "; expected the fused float model from which it was made.");
      }
      sums = new double[weight.size(0)];
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = layer.forward(in);
      FloatTensor x = ((QuantizedTensor) in[0]).dequantize();
      if (layer.activation() == Activation.NONE) {
        add(((QuantizedTensor) y).dequantize(), 1);
        add(run(x, weight, bias), -1);
      } else {
        add(run(x, rounded, null), 1);
        add(run(x, weight, null), -1);
      }
      count += y.numel() / sums.length;
      return y;
    }

    private FloatTensor run(FloatTensor x, FloatTensor w, FloatTensor b) {
      return (FloatTensor)
          (original instanceof Conv c
              ? new ConvOp(c.geometry(), Activation.NONE).apply(x, w, b)
              : new LinearOp(Activation.NONE).apply(x, w, b));
    }

    /**
     * Adds {@code y}, times the sign, by channel: axis 1 of a convolution, the last of a linear
     * layer.
     */
    private void add(FloatTensor y, int sign) {
      float[] v = y.toArray();
      int inner = 1;
      if (original instanceof Conv) {
        for (int d = 2; d < y.shape().rank(); d++) {
          inner *= y.size(d);
        }
      }
      for (int i = 0; i < v.length; i++) {
        sums[i / inner % sums.length] += sign * (double) v[i];
      }
    }

    FloatTensor corrected() {
      if (count == 0) {
        return layer.bias() == null ? FloatTensor.zeros(sums.length) : layer.bias();
      }
      float[] b = layer.bias() == null ? new float[sums.length] : layer.bias().toArray();
      for (int c = 0; c < b.length; c++) {
        b[c] -= (float) (sums[c] / count);
      }
      return FloatTensor.of(b, b.length);
    }
  }
}
