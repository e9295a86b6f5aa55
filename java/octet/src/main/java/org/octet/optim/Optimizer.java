package org.octet.optim;

import java.util.List;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;

/** Updates parameters from their gradients. Not thread-safe. */
public abstract class Optimizer {
  private final List<FloatTensor> parameters;
  private double learningRate;

  /**
   * An optimizer of the given parameters, such as {@code model.parameters()}.
   *
   * @throws OctetException if there are none, or the rate is negative or not finite
   */
  protected Optimizer(List<FloatTensor> parameters, double learningRate) {
    if (parameters.isEmpty()) {
      throw new OctetException("The optimizer got no parameters; expected model.parameters() of a model that has some.");
    }
    this.parameters = List.copyOf(parameters);
    setLearningRate(learningRate);
  }

  /** The learning rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /** Sets the learning rate of the next steps; schedules call this. */
  public final void setLearningRate(double value) {
    this.learningRate = check("learning rate", value, Double.MAX_VALUE);
  }

  /** The parameters, in the order given. */
  public final List<FloatTensor> parameters() {
    return parameters;
  }

  /** A value in [0, max]. */
  static double check(String what, double value, double max) {
    if (!(value >= 0 && value <= max)) {
      throw new OctetException(
          "The " + what + " is " + value + "; expected " + (max == Double.MAX_VALUE ? "a finite number from 0." : "0 to " + max + "."));
    }
    return value;
  }

  /** Drops the gradients of all parameters. */
  public final void zeroGrad() {
    for (FloatTensor p : parameters) {
      if (p.grad() != null) {
        p.grad().close();
        p.setGrad(null);
      }
    }
  }

  /** Updates every parameter that has a gradient. */
  public final void step() {
    for (int i = 0; i < parameters.size(); i++) {
      FloatTensor p = parameters.get(i);
      if (p.grad() != null) {
        float[] values = p.toArray();
        update(i, values, p.grad().toArray());
        p.copyFrom(values);
      }
    }
  }

  /** Updates the values of parameter number {@code index}; {@code grad} is the method's own. */
  abstract void update(int index, float[] values, float[] grad);
}
