package org.octet.quantization.observer;

import org.octet.backend.Backends;
import org.octet.ops.ExecutionContext;
import org.octet.ops.MinMaxOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Tensor;

/**
 * Minimum and maximum of one tensor, from the backend's kernel: one entry per tensor, or one a
 * channel.
 */
record MinMax(float[] min, float[] max, int nanChannel) {
  /** Of a tensor that is not empty; {@code axis} is -1 for the whole tensor. */
  static MinMax of(FloatTensor x, int axis) {
    MinMaxOp op = axis < 0 ? MinMaxOp.PER_TENSOR : MinMaxOp.perChannel(axis);
    // Executed, not applied: a tape or tracer must not see the statistics.
    float[] v;
    try (Tensor t = op.execute(new ExecutionContext(Backends.current(), null), x)[0]) {
      v = ((FloatTensor) t).toArray();
    }
    int n = v.length / 3;
    float[] min = new float[n];
    float[] max = new float[n];
    int nan = -1;
    for (int i = 0; i < n; i++) {
      min[i] = v[3 * i];
      max[i] = v[3 * i + 1];
      if (v[3 * i + 2] != 0 && nan < 0) {
        nan = i;
      }
    }
    return new MinMax(min, max, nan);
  }

  void requireNoNaN(FloatTensor x) {
    if (nanChannel >= 0) {
      throw new CalibrationException(
          "The observer of {module} got a tensor "
              + x.shape()
              + " with a NaN"
              + (min.length > 1 ? " in channel " + nanChannel : "")
              + "; expected numbers. Check the calibration data and the layers before {module}.");
    }
  }

  static void widen(float[] known, float[] batch, boolean minimum) {
    for (int i = 0; i < known.length; i++) {
      known[i] = minimum ? Math.min(known[i], batch[i]) : Math.max(known[i], batch[i]);
    }
  }

  static MinMaxStatistics.Merge average(float constant) {
    return (known, batch, minimum) -> {
      for (int i = 0; i < known.length; i++) {
        known[i] = known[i] + constant * (batch[i] - known[i]);
      }
    };
  }
}
