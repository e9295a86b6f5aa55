package org.octet.quantization.observer;

import java.util.function.Supplier;
import org.octet.nn.Module;
import org.octet.ops.Observation;
import org.octet.ops.ObserveOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.Tensor;

/**
 * Watches the float tensors of one place in a model and turns what it saw into quantization
 * parameters. As a module it returns its input; its statistics are buffers, so a state dict saves
 * them.
 *
 * <p>An own observer extends this (or {@link MinMaxStatistics}) and plugs into a {@code QConfig}.
 * Not thread-safe: calibrate a model on one thread.
 */
public abstract class Observer extends Module implements Observation {
  private final DType dtype;
  private final QScheme qscheme;
  private Supplier<? extends Observer> weightObserver;

  /** An observer for codes of {@code dtype}. */
  protected Observer(DType dtype, QScheme qscheme) {
    this.dtype = dtype;
    this.qscheme = qscheme;
  }

  /** Type of the codes that the parameters are for; float32 if nothing is to be quantized. */
  public final DType dtype() {
    return dtype;
  }

  /** Granularity and symmetry of the parameters. */
  public final QScheme qscheme() {
    return qscheme;
  }

  /** The smallest code that may be used. */
  public int quantMin() {
    return dtype.quantMin();
  }

  /** The largest code that may be used. */
  public int quantMax() {
    return dtype.quantMax();
  }

  /**
   * Takes the values of one tensor into the statistics; an empty tensor changes nothing.
   *
   * @throws CalibrationException if a value is NaN
   */
  @Override
  public abstract void observe(FloatTensor x);

  /**
   * The parameters that fit what was seen.
   *
   * @throws CalibrationException if nothing was seen yet
   */
  public abstract QParams calculateQParams();

  /** Whether there are statistics, so that {@link #calculateQParams} has an answer. */
  public abstract boolean isCalibrated();

  /**
   * {@link #calculateQParams}, or scale 1 and zero point 0 where nothing was seen (PyTorch's answer
   * then).
   */
  public final QParams qparamsOrDefault() {
    return isCalibrated() ? calculateQParams() : QParams.perTensor(1, 0, dtype);
  }

  /**
   * Whether parameters are chosen anew for every tensor when the model runs, so that nothing need
   * be seen before.
   */
  public boolean isDynamic() {
    return false;
  }

  /** Observes the one input and returns it (a view of it). */
  @Override
  public Tensor forward(Tensor... in) {
    return new ObserveOp(this).apply(in[0]);
  }

  /**
   * What {@code convert} observes the weight of the watched module with; null if it has none. Set
   * by {@code prepare}.
   */
  public final Supplier<? extends Observer> weightObserver() {
    return weightObserver;
  }

  /** Sets {@link #weightObserver()}. */
  public final void setWeightObserver(Supplier<? extends Observer> value) {
    weightObserver = value;
  }

  /** The exception for parameters asked of an observer that saw nothing. */
  final CalibrationException notCalibrated() {
    return new CalibrationException(
        getClass().getSimpleName()
            + " of {module} has seen no data; run calibration batches through the prepared model"
            + " before convert.");
  }

  @Override
  public String toString() {
    return getClass().getSimpleName() + "(" + dtype + ", " + qscheme.torchName() + ")";
  }
}
