package org.octet.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/** Updates parameters from their gradients. Not thread-safe. */
public abstract class Optimizer {
  private final List<FloatTensor> parameters;
  private double learningRate;
  private double initialLearningRate;

  /**
   * An optimizer of the given parameters, such as {@code model.parameters()}.
   *
   * @throws OctetException if there are none, or the rate is negative or not finite
   */
  protected Optimizer(List<FloatTensor> parameters, double learningRate) {
    if (parameters.isEmpty()) {
      throw new OctetException(
          "The optimizer got no parameters; expected model.parameters() of a model that has some.");
    }
    this.parameters = List.copyOf(parameters);
    setLearningRate(learningRate);
    this.initialLearningRate = learningRate;
  }

  /** The learning rate of the next step. */
  public final double learningRate() {
    return learningRate;
  }

  /** Sets the learning rate of the next steps; schedules call this. */
  public final void setLearningRate(double value) {
    this.learningRate = check("learning rate", value, Double.MAX_VALUE);
  }

  /**
   * The rate that the optimizer was made with, on which schedules are based (PyTorch's initial_lr).
   */
  public final double initialLearningRate() {
    return initialLearningRate;
  }

  /** The parameters, in the order given. */
  public final List<FloatTensor> parameters() {
    return parameters;
  }

  /** A value in [0, max]. */
  static double check(String what, double value, double max) {
    if (!(value >= 0 && value <= max)) {
      throw new OctetException(
          "The "
              + what
              + " is "
              + value
              + "; expected "
              + (max == Double.MAX_VALUE ? "a finite number from 0." : "0 to " + max + "."));
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

  /** A copy of what is remembered between steps. */
  public final OptimizerState state() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < parameters.size(); i++) {
      Map<String, Tensor> own = new LinkedHashMap<>();
      saveState(i, own);
      for (Map.Entry<String, Tensor> e : own.entrySet()) {
        tensors.put(i + "." + e.getKey(), e.getValue());
      }
    }
    return new OptimizerState(
        getClass().getSimpleName(), learningRate, initialLearningRate, tensors);
  }

  /**
   * Takes over a state of an optimizer made with the same options and parameters of the same
   * shapes.
   *
   * @throws OctetException if it is that of another class or of other parameters; nothing is
   *     changed then
   */
  public final void loadState(OptimizerState state) {
    if (!state.type().equals(getClass().getSimpleName())) {
      throw new OctetException(
          "The state is that of a "
              + state.type()
              + "; this is a "
              + getClass().getSimpleName()
              + ".");
    }
    for (Map.Entry<String, Tensor> e : state.tensors().entrySet()) {
      checkEntry(e.getKey(), e.getValue());
    }
    for (int i = 0; i < parameters.size(); i++) {
      Map<String, Tensor> own = new LinkedHashMap<>();
      String prefix = i + ".";
      state
          .tensors()
          .forEach(
              (name, t) -> {
                if (name.startsWith(prefix)) {
                  own.put(name.substring(prefix.length()), t);
                }
              });
      loadState(i, own);
    }
    setLearningRate(state.learningRate());
    initialLearningRate = state.initialLearningRate();
  }

  private void checkEntry(String key, Tensor t) {
    int dot = key.indexOf('.');
    int index =
        dot > 0 && dot < 10 && key.substring(0, dot).matches("[0-9]+")
            ? Integer.parseInt(key.substring(0, dot))
            : -1;
    boolean fits =
        index >= 0
            && index < parameters.size()
            && (t.shape().rank() == 0 || t.shape().equals(parameters.get(index).shape()));
    if (!fits) {
      throw new OctetException(
          "The state has "
              + key
              + " "
              + t.shape()
              + ", which fits none of this optimizer's "
              + parameters.size()
              + " parameters. Make it of the same model, with the parameters in the same order.");
    }
  }

  /**
   * Puts copies of what is remembered of a parameter, under PyTorch's names; nothing before its
   * first step.
   */
  abstract void saveState(int index, Map<String, Tensor> out);

  /** The reverse; an empty map forgets. */
  abstract void loadState(int index, Map<String, Tensor> in);

  /** The entry's values, or null. */
  static float[] floats(Map<String, Tensor> in, String name) {
    return in.get(name) instanceof FloatTensor f ? f.toArray() : null;
  }
}
