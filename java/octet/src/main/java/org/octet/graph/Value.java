package org.octet.graph;

import org.octet.tensor.Tensor;
import org.octet.tensor.TensorSpec;

/**
 * A tensor in a {@link Graph}: an input, a constant (a weight or another tensor from outside) or a
 * node's result.
 */
public final class Value {
  private final int id;
  private final Tensor tensor;
  private final String name;
  Node producer;

  /** {@code tensor} is abstract unless this is a constant. */
  Value(int id, Tensor tensor, String name) {
    this.id = id;
    this.tensor = tensor;
    this.name = name;
  }

  /** Number of this value in its graph, from 0 without gaps. */
  public int id() {
    return id;
  }

  /** Name of an input; "%7" for others. */
  public String name() {
    return name;
  }

  /** Type and shape in the graph's example; other batch sizes may run later. */
  public TensorSpec spec() {
    return tensor.spec();
  }

  /** The values of a constant, the live tensor and not a copy; null for inputs and results. */
  public Tensor constant() {
    return isConstant() ? tensor : null;
  }

  /** Whether this is a tensor from outside the traced function that is not one of its inputs. */
  public boolean isConstant() {
    return !tensor.isAbstract();
  }

  /** Whether this is an input of the graph. */
  public boolean isInput() {
    return producer == null && !isConstant();
  }

  /** The node that makes this; null for inputs and constants. */
  public Node producer() {
    return producer;
  }

  /** What ops infer from: abstract, or the constant itself. */
  Tensor tensor() {
    return tensor;
  }

  @Override
  public String toString() {
    return name + ": " + spec();
  }
}
