package org.octet.nn.quantized;

import org.octet.nn.Functional;
import org.octet.nn.Module;
import org.octet.ops.BinaryOp;
import org.octet.ops.Broadcast;
import org.octet.ops.CatOp;
import org.octet.ops.MatmulOp;
import org.octet.ops.ScalarOp;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Arithmetic on float tensors as a module, so that {@code prepare} can observe the results of add,
 * mul, matmul, cat and addRelu and {@code convert} can put a {@link QFunctional} in its place. Use
 * one instance for each place in a forward, since each keeps one set of statistics, and call it
 * through {@code functional(key)}.
 */
public final class FloatFunctional extends Module implements Functional {
  private volatile boolean ranUnobserved;

  /**
   * Whether addScalar or mulScalar ran, which need no statistics: then an observer that saw nothing
   * is no mistake.
   */
  public boolean ranUnobserved() {
    return ranUnobserved;
  }

  @Override
  public Tensor add(Tensor a, Tensor b) {
    return observed(Broadcast.apply(BinaryOp.ADD, a, b));
  }

  @Override
  public Tensor addScalar(Tensor x, double scalar) {
    ranUnobserved = true;
    return new ScalarOp(ScalarOp.Function.ADD, scalar).apply(x);
  }

  @Override
  public Tensor mul(Tensor a, Tensor b) {
    return observed(Broadcast.apply(BinaryOp.MUL, a, b));
  }

  @Override
  public Tensor mulScalar(Tensor x, double scalar) {
    ranUnobserved = true;
    return new ScalarOp(ScalarOp.Function.MUL, scalar).apply(x);
  }

  @Override
  public Tensor cat(int dim, Tensor... tensors) {
    return observed(new CatOp(dim).apply(tensors));
  }

  @Override
  public Tensor matmul(Tensor a, Tensor b) {
    return observed(MatmulOp.PLAIN.apply(a, b));
  }

  @Override
  public Tensor addRelu(Tensor a, Tensor b) {
    return observed(Broadcast.apply(BinaryOp.ADD_RELU, a, b));
  }

  private Tensor observed(Tensor y) {
    Module post = namedChildren().get(ACTIVATION_POST_PROCESS);
    return post == null ? y : post.forward(y);
  }

  @Override
  protected boolean handlesPostProcess() {
    return true;
  }

  /**
   * Not callable.
   *
   * @throws OctetException always
   */
  @Override
  public Tensor forward(Tensor... in) {
    throw new OctetException(
        "FloatFunctional was run as a layer; call one of its operations, for example functional(key).add(a, b).");
  }
}
