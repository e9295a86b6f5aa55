package org.octet.optim;

import java.util.List;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Stochastic gradient descent. With g the gradient plus weightDecay * p: {@code v = momentum * v +
 * g} (v = g in the first step), {@code p = p - lr * v}; with Nesterov's momentum {@code p = p - lr
 * * (g + momentum * v)}.
 */
public final class SGD extends Optimizer {
  private final float momentum;
  private final float weightDecay;
  private final boolean nesterov;
  private final float[][] velocities;

  /** Without momentum. */
  public SGD(List<FloatTensor> parameters, double learningRate) {
    this(parameters, learningRate, 0, 0, false);
  }

  /** With momentum. */
  public SGD(List<FloatTensor> parameters, double learningRate, double momentum) {
    this(parameters, learningRate, momentum, 0, false);
  }

  /**
   * All options.
   *
   * @throws OctetException if a value is negative, or nesterov is asked for without momentum
   */
  public SGD(
      List<FloatTensor> parameters,
      double learningRate,
      double momentum,
      double weightDecay,
      boolean nesterov) {
    super(parameters, learningRate);
    if (nesterov && momentum == 0) {
      throw new OctetException(
          "Nesterov's momentum was asked for with momentum 0; expected a positive momentum.");
    }
    this.momentum = (float) check("momentum", momentum, Double.MAX_VALUE);
    this.weightDecay = (float) check("weight decay", weightDecay, Double.MAX_VALUE);
    this.nesterov = nesterov;
    this.velocities = new float[parameters.size()][];
  }

  @Override
  void update(int index, float[] p, float[] g) {
    float lr = (float) learningRate();
    for (int i = 0; i < p.length; i++) {
      g[i] += weightDecay * p[i];
    }
    if (momentum != 0) {
      float[] v = velocities[index];
      if (v == null) {
        v = g.clone();
        velocities[index] = v;
      } else {
        for (int i = 0; i < p.length; i++) {
          v[i] = momentum * v[i] + g[i];
        }
      }
      for (int i = 0; i < p.length; i++) {
        g[i] = nesterov ? g[i] + momentum * v[i] : v[i];
      }
    }
    for (int i = 0; i < p.length; i++) {
      p[i] -= lr * g[i];
    }
  }

  @Override
  void saveState(int index, Map<String, Tensor> out) {
    if (velocities[index] != null) {
      out.put(
          "momentum_buffer",
          FloatTensor.of(velocities[index], parameters().get(index).shape().dims()));
    }
  }

  @Override
  void loadState(int index, Map<String, Tensor> in) {
    velocities[index] = floats(in, "momentum_buffer");
  }
}
