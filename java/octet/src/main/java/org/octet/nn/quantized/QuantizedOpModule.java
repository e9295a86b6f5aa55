package org.octet.nn.quantized;

import org.octet.ops.Op;
import org.octet.tensor.DTypeException;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** A module that runs one op, which is made again when other parameters are loaded. */
abstract class QuantizedOpModule extends QuantizedModule {
  private volatile Made made;

  /** The op for one output; one field, so that no thread sees half of a change. */
  private record Made(QParams output, Op op) {}

  QuantizedOpModule(QParams output) {
    super(output);
  }

  /** The op for a result of the given parameters. */
  abstract Op makeOp(QParams output);

  /** The op of the present parameters. */
  final Op op() {
    QParams output = output();
    Made m = made;
    if (m == null || m.output() != output) {
      m = new Made(output, makeOp(output));
      made = m;
    }
    return m.op();
  }

  /** For ops that take float tensors as well. */
  static Tensor requireQuantized(Tensor x) {
    if (!(x instanceof QuantizedTensor)) {
      throw new DTypeException(
          "{module} got a "
              + x.dtype()
              + " tensor "
              + x.shape()
              + "; expected quint8 or qint8. Add a QuantStub before {module}.");
    }
    return x;
  }
}
