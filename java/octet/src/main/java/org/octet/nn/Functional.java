package org.octet.nn;

import org.octet.tensor.Tensor;

/**
 * Arithmetic as a module, so that its results can be observed and later quantized: what
 * FloatFunctional and QFunctional offer. One instance serves one place in a forward. Shapes
 * broadcast as in PyTorch.
 */
public interface Functional {
  /** a + b. */
  Tensor add(Tensor a, Tensor b);

  /** x + scalar; the result is not observed. */
  Tensor addScalar(Tensor x, double scalar);

  /** a * b. */
  Tensor mul(Tensor a, Tensor b);

  /** x * scalar; the result is not observed. */
  Tensor mulScalar(Tensor x, double scalar);

  /** The tensors joined along {@code dim}; their shapes agree but for that axis. */
  Tensor cat(int dim, Tensor... tensors);

  /**
   * Products of matrices: [..., M, K] by [..., K, N]. The dimensions before the last two are the
   * same, or b has none.
   */
  Tensor matmul(Tensor a, Tensor b);

  /** max(a + b, 0). */
  Tensor addRelu(Tensor a, Tensor b);
}
