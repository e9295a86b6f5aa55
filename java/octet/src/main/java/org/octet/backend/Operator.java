package org.octet.backend;

import org.octet.tensor.OctetException;

/**
 * A created operator: weights packed, kernels chosen. Thread-safe; closing it also ends its
 * contexts.
 */
public interface Operator extends AutoCloseable {
  /**
   * Prepares one input shape. The context lives as long as the operator.
   *
   * @param dims as octet_kinds.h gives them for the kind
   * @throws OctetException if the operator is closed or the backend refuses
   */
  OperatorContext shape(int... dims);

  /** The kind it was made of. */
  OpKind kind();

  @Override
  void close();
}
