package org.octet.optim;

import java.util.List;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.Tensor;

/**
 * Adam. With g the gradient plus weightDecay * p, in step t: {@code m = beta1 m + (1 - beta1) g},
 * {@code v = beta2 v + (1 - beta2) g^2}, {@code p = p - lr / (1 - beta1^t) * m / (sqrt(v) / sqrt(1
 * - beta2^t) + eps)}.
 */
public final class Adam extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final float weightDecay;
  private final float[][] means;
  private final float[][] squares;
  private final int[] steps;

  /** PyTorch's defaults: betas 0.9 and 0.999, eps 1e-8, no weight decay. */
  public Adam(List<FloatTensor> parameters, double learningRate) {
    this(parameters, learningRate, 0.9, 0.999, 1e-8, 0);
  }

  /** All options. */
  public Adam(
      List<FloatTensor> parameters,
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay) {
    super(parameters, learningRate);
    this.beta1 = check("beta1", beta1, Math.nextDown(1.0));
    this.beta2 = check("beta2", beta2, Math.nextDown(1.0));
    this.eps = check("eps", eps, Double.MAX_VALUE);
    this.weightDecay = (float) check("weight decay", weightDecay, Double.MAX_VALUE);
    this.means = new float[parameters.size()][];
    this.squares = new float[parameters.size()][];
    this.steps = new int[parameters.size()];
  }

  @Override
  void update(int index, float[] p, float[] g) {
    if (means[index] == null) {
      means[index] = new float[p.length];
      squares[index] = new float[p.length];
    }
    float[] m = means[index];
    float[] v = squares[index];
    int t = ++steps[index];
    float b1 = (float) beta1;
    float c1 = (float) (1 - beta1);
    float b2 = (float) beta2;
    float c2 = (float) (1 - beta2);
    float size = (float) (learningRate() / (1 - Math.pow(beta1, t)));
    float root = (float) Math.sqrt(1 - Math.pow(beta2, t));
    float e = (float) eps;
    for (int i = 0; i < p.length; i++) {
      float d = g[i] + weightDecay * p[i];
      m[i] = b1 * m[i] + c1 * d;
      v[i] = b2 * v[i] + c2 * d * d;
      p[i] -= size * (m[i] / ((float) Math.sqrt(v[i]) / root + e));
    }
  }

  @Override
  void saveState(int index, Map<String, Tensor> out) {
    if (means[index] != null) {
      int[] dims = parameters().get(index).shape().dims();
      out.put("step", LongTensor.of(new long[] {steps[index]}));
      out.put("exp_avg", FloatTensor.of(means[index], dims));
      out.put("exp_avg_sq", FloatTensor.of(squares[index], dims));
    }
  }

  @Override
  void loadState(int index, Map<String, Tensor> in) {
    steps[index] = in.get("step") instanceof LongTensor t ? (int) t.toArray()[0] : 0;
    means[index] = floats(in, "exp_avg");
    squares[index] = floats(in, "exp_avg_sq");
  }
}
