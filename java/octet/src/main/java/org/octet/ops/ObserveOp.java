package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Shows a float tensor to an {@link Observation} and passes it on unchanged. It stands in prepared
 * models only: a Program refuses it.
 */
public final class ObserveOp extends Op {
  private final Observation observation;

  /** Feeds {@code observation}. */
  public ObserveOp(Observation observation) {
    this.observation = observation;
  }

  @Override
  public String name() {
    return "observe";
  }

  /** The statistics that this feeds. */
  public Observation observation() {
    return observation;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("observer", observation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    return new Tensor[] {FloatTensor.ofSpec(x.shape(), x.format())};
  }

  /** The result is a view, not the input itself, so that a tape can tell the two apart. */
  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    observation.observe(x);
    return new Tensor[] {x.shape().rank() == 0 ? x.reshape() : x.slice(0, 0, x.size(0))};
  }

  @Override
  public Lowering lower(Tensor... in) {
    throw new OctetException(
        "The model still has the observer of {module} ("
            + observation
            + "); a Program takes converted models. Call Quantization.convert first, then trace.");
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] gradOutputs) {
    return new Tensor[] {gradOutputs[0]};
  }
}
