package org.octet.quantization.observer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.octet.nn.Module;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.TensorScope;

/** Keeps a copy of every tensor, to look at; for debugging. */
public final class RecordingObserver extends Observer {
  private List<FloatTensor> tensors = new ArrayList<>();

  /** A recorder; of the options, only the dtype counts. */
  public RecordingObserver(ObserverOptions options) {
    super(options.dtype(), QScheme.PER_TENSOR_AFFINE);
  }

  /** A factory for recorders (PyTorch's default_debug_observer). */
  public static ObserverFactory withArgs() {
    return ObserverFactory.of(
        "RecordingObserver", RecordingObserver::new, ObserverOptions.perTensor());
  }

  @Override
  public void observe(FloatTensor x) {
    tensors.add(TensorScope.detach(x.copy()));
  }

  /** Copies of what was seen, in order; unmodifiable. */
  public List<FloatTensor> tensors() {
    return Collections.unmodifiableList(tensors);
  }

  @Override
  public boolean isCalibrated() {
    return !tensors.isEmpty();
  }

  /** Always throws: a recording has no parameters. */
  @Override
  public QParams calculateQParams() {
    throw new CalibrationException(
        "RecordingObserver of {module} has no parameters; use another observer to quantize"
            + " {module}.");
  }

  @Override
  protected void copied(Module original) {
    tensors = new ArrayList<>(tensors);
  }
}
