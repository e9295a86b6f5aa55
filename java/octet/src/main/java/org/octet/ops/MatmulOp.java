package org.octet.ops;

import java.util.Map;
import org.octet.backend.Blas;
import org.octet.backend.Blases;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Product of two float matrices, each perhaps transposed (training). */
public final class MatmulOp extends Op {
  private final boolean transA;
  private final boolean transB;

  /** A' B' with A' = A or its transpose, B' likewise. */
  public MatmulOp(boolean transA, boolean transB) {
    this.transA = transA;
    this.transB = transB;
  }

  @Override
  public String name() {
    return "matmul";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("transA", transA, "transB", transB);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.floatInput(name(), in[1]);
    Checks.rank(name(), in[0], 2, "[M, K]");
    Checks.rank(name(), in[1], 2, "[K, N]");
    Checks.notEmpty(name(), in[0]);
    Checks.notEmpty(name(), in[1]);
    if (in[0].size(transA ? 0 : 1) != in[1].size(transB ? 1 : 0)) {
      throw new ShapeException(
          "Op matmul got shapes "
              + in[0].shape()
              + (transA ? "^T" : "")
              + " and "
              + in[1].shape()
              + (transB ? "^T" : "")
              + "; expected equal inner sizes.");
    }
    return new Tensor[] {
      FloatTensor.ofSpec(
          Shape.of(in[0].size(transA ? 1 : 0), in[1].size(transB ? 0 : 1)), MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    Shape shape = infer(in)[0].shape();
    FloatTensor a = Rows.dense(in[0], MemoryFormat.CONTIGUOUS);
    FloatTensor b = Rows.dense(in[1], MemoryFormat.CONTIGUOUS);
    FloatTensor c = FloatTensor.empty(shape, MemoryFormat.CONTIGUOUS);
    Blas blas = context.recording() ? context.blas() : Blases.java();
    Gemm.run(
        blas,
        transA,
        transB,
        shape.dim(0),
        shape.dim(1),
        a.size(transA ? 0 : 1),
        a.borrow(),
        0,
        a.size(1),
        b.borrow(),
        0,
        b.size(1),
        0f,
        c.borrow(),
        0,
        shape.dim(1));
    return new Tensor[] {c};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = grads[0];
    Tensor da =
        transA
            ? new MatmulOp(transB, true).apply(in[1], g)
            : new MatmulOp(false, !transB).apply(g, in[1]);
    Tensor db =
        transB
            ? new MatmulOp(true, transA).apply(g, in[0])
            : new MatmulOp(!transA, false).apply(in[0], g);
    return new Tensor[] {da, db};
  }
}
