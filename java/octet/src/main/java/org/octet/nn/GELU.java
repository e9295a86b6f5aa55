package org.octet.nn;

import org.octet.ops.UnaryOp;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * x * Phi(x), Phi being the normal distribution, or its approximation by a hyperbolic tangent.
 * Takes float32 and 8-bit quantized tensors of any shape; quantized results keep the input's
 * parameters.
 */
public class GELU extends Module {
  private final UnaryOp op;

  /** The exact function. */
  public GELU() {
    this("none");
  }

  /**
   * With PyTorch's argument.
   *
   * @param approximate "none" or "tanh"
   * @throws OctetException if it is another
   */
  public GELU(String approximate) {
    op =
        switch (approximate) {
          case "none" -> UnaryOp.GELU;
          case "tanh" -> UnaryOp.GELU_TANH;
          default ->
              throw new OctetException(
                  "GELU got the approximation " + approximate + "; expected none or tanh.");
        };
  }

  @Override
  public Tensor forward(Tensor... in) {
    return op.apply(in[0]);
  }

  @Override
  public String toString() {
    return op == UnaryOp.GELU ? "GELU()" : "GELU(tanh)";
  }
}
