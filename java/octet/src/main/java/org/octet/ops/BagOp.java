package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Sums or means of consecutive rows (training). Inputs: rows float32 [N, D]; offsets int64 [B],
 * where each bag begins, or with the end of the last one [B + 1]. Result: [B, D]; an empty bag
 * gives 0.
 */
public final class BagOp extends Op {
  private final boolean mean;
  private final boolean includeLastOffset;

  /**
   * A bag op.
   *
   * @param mean mean instead of sum
   * @param includeLastOffset whether the last offset is the end of the last bag
   */
  public BagOp(boolean mean, boolean includeLastOffset) {
    this.mean = mean;
    this.includeLastOffset = includeLastOffset;
  }

  @Override
  public String name() {
    return "bag";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("mean", mean, "include_last_offset", includeLastOffset);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.rank(name(), Checks.floatInput(name(), in[0]), 2, "[N, D]");
    int bags = in[1].size(0) - (includeLastOffset ? 1 : 0);
    return new Tensor[] {
      FloatTensor.ofSpec(Shape.of(bags, in[0].size(1)), MemoryFormat.CONTIGUOUS)
    };
  }

  /** Begins of the bags, and the end of the last. */
  static int[] bounds(String op, Tensor offsets, int n, boolean includeLastOffset) {
    long[] o = ((LongTensor) offsets).toArray();
    int[] bounds = new int[includeLastOffset ? o.length : o.length + 1];
    bounds[bounds.length - 1] = n;
    for (int i = 0; i < o.length; i++) {
      if (o[i] < (i == 0 ? 0 : o[i - 1]) || o[i] > n || (i == 0 && o[i] != 0)) {
        throw new ShapeException(
            "Op "
                + op
                + " got the offset "
                + o[i]
                + " at position "
                + i
                + "; expected 0 first, then numbers that do"
                + " not fall, up to "
                + n
                + ".");
      }
      bounds[i] = (int) o[i];
    }
    if (bounds[bounds.length - 1] != n) {
      throw new ShapeException(
          "Op "
              + op
              + " got the last offset "
              + bounds[bounds.length - 1]
              + "; expected "
              + n
              + ", the number of indices, since offsets include the end.");
    }
    return bounds;
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Shape shape = infer(in)[0].shape();
    int d = in[0].size(1);
    float[] x = ((FloatTensor) in[0]).toArray();
    int[] bounds = bounds(name(), in[1], in[0].size(0), includeLastOffset);
    float[] out = new float[shape.dim(0) * d];
    for (int b = 0; b < shape.dim(0); b++) {
      for (int i = bounds[b]; i < bounds[b + 1]; i++) {
        for (int k = 0; k < d; k++) {
          out[b * d + k] += x[i * d + k];
        }
      }
      for (int k = 0; mean && k < d; k++) {
        out[b * d + k] /= Math.max(1, bounds[b + 1] - bounds[b]);
      }
    }
    return new Tensor[] {FloatTensor.of(out, shape.dims())};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    int[] bounds = bounds(name(), in[1], in[0].size(0), includeLastOffset);
    long[] bagOf = new long[in[0].size(0)];
    float[] share = new float[bounds.length - 1];
    for (int b = 0; b < share.length; b++) {
      share[b] = mean ? 1f / Math.max(1, bounds[b + 1] - bounds[b]) : 1f;
      for (int i = bounds[b]; i < bounds[b + 1]; i++) {
        bagOf[i] = b;
      }
    }
    Tensor g =
        mean
            ? ChannelScaleOp.WEIGHT.apply(grads[0], FloatTensor.of(share, share.length), null)
            : grads[0];
    return new Tensor[] {EmbeddingOp.INSTANCE.apply(g, LongTensor.of(bagOf, bagOf.length)), null};
  }
}
