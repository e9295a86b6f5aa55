package org.octet.data;

import org.octet.tensor.Tensor;

/**
 * Some examples: inputs and what is expected for them, along dimension 0. Closing it closes both
 * tensors.
 */
public record Batch(Tensor input, Tensor target) implements AutoCloseable {
  /** Number of examples. */
  public int size() {
    return input.size(0);
  }

  @Override
  public void close() {
    input.close();
    target.close();
  }
}
