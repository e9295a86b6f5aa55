package org.octet.ops;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** The same elements, in logical order, in another shape; float32 or quantized. */
public final class ReshapeOp extends AliasOp {
  private final int[] dims;

  /** Reshapes to {@code dims}, of which one may be -1. */
  public ReshapeOp(int... dims) {
    this.dims = dims.clone();
  }

  @Override
  public String name() {
    return "reshape";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("shape", List.of(IntStream.of(dims).boxed().toArray(Integer[]::new)));
  }

  @Override
  Shape target(Tensor x) {
    return x.resolve(dims);
  }
}
