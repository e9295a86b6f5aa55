package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.Blas;
import org.octet.backend.Blases;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Product of float matrices, each perhaps transposed: [..., M, K] by [..., K, N] gives [..., M, N].
 * The dimensions before the last two are the same, or the right operand has none.
 */
public final class MatmulOp extends Op {
  /** A B. */
  public static final MatmulOp PLAIN = new MatmulOp(false, false);

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

  /** Sizes of a product: {@code batch} matrices each of [m, k] by [k, n]. */
  record Sizes(int batch, int m, int k, int n, Shape out) {}

  /**
   * Sizes for two shapes. A right operand without further dimensions serves the rows of all
   * matrices, unless the left ones are transposed.
   */
  static Sizes sizes(String op, Tensor a, Tensor b, boolean transA, boolean transB) {
    Checks.notEmpty(op, a);
    Checks.notEmpty(op, b);
    int[] x = a.shape().dims();
    int[] y = b.shape().dims();
    boolean fits = x.length >= 2 && (y.length == x.length || (y.length == 2 && !transA));
    for (int i = 0; fits && y.length > 2 && i < x.length - 2; i++) {
      fits = x[i] == y[i];
    }
    int m = fits ? a.size(transA ? -1 : -2) : 0;
    int k = fits ? a.size(transA ? -2 : -1) : 0;
    if (!fits || k != b.size(transB ? -1 : -2)) {
      throw new ShapeException(
          "Op "
              + op
              + " got shapes "
              + a.shape()
              + (transA ? "^T" : "")
              + " and "
              + b.shape()
              + (transB ? "^T" : "")
              + "; expected [..., M, K] and [..., K, N], equal before the last two dimensions, or"
              + " nothing there in the second.");
    }
    int n = b.size(transB ? -2 : -1);
    int[] out = x.clone();
    out[x.length - 2] = m;
    out[x.length - 1] = n;
    int batch = (int) (a.numel() / m / k);
    return y.length == 2
        ? new Sizes(1, batch * m, k, n, Shape.of(out))
        : new Sizes(batch, m, k, n, Shape.of(out));
  }

  private Sizes sizes(Tensor... in) {
    return sizes(name(), in[0], in[1], transA, transB);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name(), in[0]);
    Checks.floatInput(name(), in[1]);
    return new Tensor[] {FloatTensor.ofSpec(sizes(in).out, MemoryFormat.CONTIGUOUS)};
  }

  @Override
  public MemoryFormat inputFormat(int index) {
    return MemoryFormat.CONTIGUOUS;
  }

  @Override
  public Lowering lower(Tensor... in) {
    if (transA) {
      throw new OctetException(
          "Op matmul with a transposed left operand has no place in a Program. Transpose it before.");
    }
    Sizes s = sizes(in);
    Attributes a =
        Attributes.builder()
            .ints(transB ? 1 : 0)
            .floats(Float.NEGATIVE_INFINITY, Float.POSITIVE_INFINITY)
            .build();
    return Lowering.of(OpKind.MATMUL_F32, a, s.batch, s.m, s.k, s.n);
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (!context.recording() && !transA) {
      return super.execute(context, in);
    }
    infer(in);
    Sizes s = sizes(in);
    FloatTensor a = Rows.dense(in[0], MemoryFormat.CONTIGUOUS);
    FloatTensor b = Rows.dense(in[1], MemoryFormat.CONTIGUOUS);
    FloatTensor c = FloatTensor.empty(s.out, MemoryFormat.CONTIGUOUS);
    Blas blas = context.recording() ? context.blas() : Blases.java();
    for (int i = 0; i < s.batch; i++) {
      Gemm.run(
          blas,
          transA,
          transB,
          s.m,
          s.n,
          s.k,
          a.borrow(),
          i * s.m * s.k,
          transA ? s.m : s.k,
          b.borrow(),
          i * s.k * s.n,
          transB ? s.k : s.n,
          0f,
          c.borrow(),
          i * s.m * s.n,
          s.n);
    }
    return new Tensor[] {c};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = grads[0];
    Tensor a = in[0];
    if (in[1].shape().rank() == 2 && a.shape().rank() > 2) {
      // One right operand for all: one product of many rows.
      a = new ReshapeOp(-1, a.size(-1)).apply(a);
      g = new ReshapeOp(-1, g.size(-1)).apply(g);
    }
    Tensor da =
        transA
            ? new MatmulOp(transB, true).apply(in[1], g)
            : new MatmulOp(false, !transB).apply(g, in[1]);
    Tensor db =
        transB ? new MatmulOp(true, transA).apply(g, a) : new MatmulOp(!transA, false).apply(a, g);
    boolean same = da.shape().equals(in[0].shape());
    return new Tensor[] {same ? da : new ReshapeOp(in[0].shape().dims()).apply(da), db};
  }
}
