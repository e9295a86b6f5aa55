package org.octet.nn;

import org.octet.ops.Activation;
import org.octet.ops.BatchNormOp;
import org.octet.ops.BatchNormTrainingOp;
import org.octet.ops.Interpreter;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * What {@link BatchNorm1d}, {@link BatchNorm2d} and {@link BatchNorm3d} share. State: weight, bias
 * (absent without affine), running_mean, running_var, all [C].
 *
 * <p>In training mode the batch's own mean and biased variance normalise, and {@code running = (1 -
 * momentum) * running + momentum * batch}, with the unbiased variance. In evaluation mode the
 * running statistics normalise.
 */
public abstract class BatchNorm extends Module {
  private final Key weight;
  private final Key bias;
  private final Key runningMean;
  private final Key runningVar;
  private final int numFeatures;
  private final double eps;
  private final double momentum;
  private final BatchNormOp evaluate;
  private final BatchNormTrainingOp learn;
  private boolean frozen;

  BatchNorm(int numFeatures, double eps, double momentum, boolean affine) {
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.evaluate = new BatchNormOp(eps, Activation.NONE);
    this.learn = new BatchNormTrainingOp(eps);
    weight = param("weight", affine ? FloatTensor.full(1f, numFeatures) : null);
    bias = param("bias", affine ? FloatTensor.zeros(numFeatures) : null);
    runningMean = buffer("running_mean", FloatTensor.zeros(numFeatures));
    runningVar = buffer("running_var", FloatTensor.full(1f, numFeatures));
  }

  /** Number of channels. */
  public final int numFeatures() {
    return numFeatures;
  }

  /** What is added to the variance. */
  public final double eps() {
    return eps;
  }

  /** The share of a batch in the running statistics. */
  public final double momentum() {
    return momentum;
  }

  /** The scale, [C], or null. */
  public final FloatTensor weight() {
    return get(weight);
  }

  /** The shift, [C], or null. */
  public final FloatTensor bias() {
    return get(bias);
  }

  /** The running mean, [C]. */
  public final FloatTensor runningMean() {
    return get(runningMean);
  }

  /** The running unbiased variance, [C]. */
  public final FloatTensor runningVar() {
    return get(runningVar);
  }

  /** Ranks that the subclass takes, for the message. */
  abstract void checkRank(Tensor x);

  static ShapeException wrongRank(Tensor x, String expected) {
    return new ShapeException("{module} got shape " + x.shape() + "; expected " + expected + ".");
  }

  @Override
  public Tensor forward(Tensor... in) {
    checkRank(in[0]);
    if (!isTraining()) {
      return evaluate.apply(in[0], weight(), bias(), runningMean(), runningVar());
    }
    return learn(learn, in);
  }

  /** Whether a ReLU after this may be part of its op: while training, unless something looks on. */
  final boolean takesRelu() {
    return isTraining()
        && getClass().getPackage() == BatchNorm.class.getPackage() // not a user's own forward
        && Interpreter.current().executes()
        && namedChildren().get(ACTIVATION_POST_PROCESS) == null;
  }

  /** Forward and ReLU in one op; only where {@link #takesRelu}. */
  final Tensor withRelu(Tensor x) {
    checkRank(x);
    return learn(new BatchNormTrainingOp(eps, true), x);
  }

  private Tensor learn(BatchNormTrainingOp op, Tensor... in) {
    Tensor[] out = op.applyAll(in[0], weight(), bias());
    if (!out[1].isAbstract()) {
      track(
          ((FloatTensor) out[1]).toArray(),
          ((FloatTensor) out[2]).toArray(),
          in[0].numel() / numFeatures);
    }
    return out[0];
  }

  /**
   * Takes a batch's statistics into the running ones.
   *
   * @param mean the batch's mean of each channel
   * @param var its biased variance
   * @param count values of each channel in the batch, at least 2
   */
  public final void track(float[] mean, float[] var, long count) {
    update(runningMean(), mean, 1);
    update(runningVar(), var, (double) count / (count - 1));
  }

  /**
   * Keeps this in evaluation mode from now on, whatever {@code train()} says: the running
   * statistics stay as they are.
   */
  public final void freezeStats() {
    frozen = true;
    setTraining(false);
  }

  /** Ends {@link #freezeStats}: training mode, until {@code eval()}. */
  public final void updateStats() {
    frozen = false;
    setTraining(true);
  }

  /** Heeds {@link #freezeStats}. */
  @Override
  protected final void setTraining(boolean mode) {
    super.setTraining(mode && !frozen);
  }

  private void update(FloatTensor running, float[] b, double factor) {
    float[] r = running.toArray();
    for (int c = 0; c < r.length; c++) {
      r[c] = (float) ((1 - momentum) * r[c] + momentum * factor * b[c]);
    }
    running.copyFrom(r);
  }

  @Override
  public String toString() {
    return getClass().getSimpleName()
        + "("
        + numFeatures
        + ", eps "
        + eps
        + ", momentum "
        + momentum
        + ")";
  }
}
