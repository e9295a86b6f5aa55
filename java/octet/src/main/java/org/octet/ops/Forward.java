package org.octet.ops;

import org.octet.tensor.Tensor;

/** A function of tensors that can be run eagerly, recorded or traced; every module is one. */
@FunctionalInterface
public interface Forward {
  /** Applies the function. */
  Tensor forward(Tensor... inputs);
}
