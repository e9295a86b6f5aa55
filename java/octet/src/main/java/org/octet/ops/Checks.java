package org.octet.ops;

import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/** Argument checks that ops share; messages say what came, what was expected and what to do. */
final class Checks {
  private Checks() {}

  /** A float activation. */
  static FloatTensor floatInput(String op, Tensor x) {
    if (x instanceof FloatTensor f) {
      return f;
    }
    throw new DTypeException(
        "Op "
            + op
            + " got a "
            + describe(x)
            + "; expected float32. Add a DeQuantStub before {module}, or quantize {module} too.");
  }

  /** A quantized activation with per-tensor parameters and 8-bit codes. */
  static QuantizedTensor quantizedInput(String op, Tensor x) {
    if (!(x instanceof QuantizedTensor q)) {
      throw new DTypeException(
          "Op "
              + op
              + " got a "
              + describe(x)
              + "; expected quint8 or qint8. Add a QuantStub before {module}.");
    }
    if (q.dtype() != DType.QUINT8 && q.dtype() != DType.QINT8) {
      throw new DTypeException(
          "Op " + op + " got a " + describe(x) + "; expected quint8 or qint8.");
    }
    if (q.qparams().isPerChannel()) {
      throw new DTypeException(
          "Op "
              + op
              + " got an activation quantized per channel; activations are quantized per tensor.");
    }
    return q;
  }

  /** Parameters that an op gives its result: 8 bits, per tensor. */
  static QParams outputParams(String op, QParams output) {
    if ((output.dtype() != DType.QUINT8 && output.dtype() != DType.QINT8)
        || output.isPerChannel()) {
      throw new DTypeException(
          "Op "
              + op
              + " was asked for a result of "
              + output
              + "; expected quint8 or qint8 per tensor.");
    }
    return output;
  }

  /** The weight of a quantized op: qint8, per tensor or per output channel (axis 0). */
  static QuantizedTensor quantizedWeight(String op, Tensor w) {
    if (!(w instanceof QuantizedTensor q) || q.dtype() != DType.QINT8) {
      throw new DTypeException(
          "Op "
              + op
              + " got a weight that is a "
              + describe(w)
              + "; expected qint8. Give {module} a weight observer of dtype qint8.");
    }
    if (q.qparams().isPerChannel() && q.qparams().axis() != 0) {
      throw new QParamsException(
          "Op "
              + op
              + " got a weight "
              + q.shape()
              + " quantized along axis "
              + q.qparams().axis()
              + "; expected axis 0, the output channels.");
    }
    return q;
  }

  /** Two operands of one 8-bit type, which the result keeps. */
  static void sameType(String op, QuantizedTensor a, QuantizedTensor b) {
    if (a.dtype() != b.dtype()) {
      throw new DTypeException(
          "Op "
              + op
              + " got a "
              + describe(a)
              + " and a "
              + describe(b)
              + "; expected one dtype. Use the same activation dtype in the qconfigs of both.");
    }
  }

  /** The result's type is the operands' type. */
  static void keepsType(String op, QuantizedTensor x, QParams output) {
    if (x.dtype() != output.dtype()) {
      throw new DTypeException(
          "Op "
              + op
              + " got a "
              + describe(x)
              + " but gives "
              + output
              + "; expected one dtype. Use the same activation dtype in the qconfigs before and at {module}.");
    }
  }

  static void rank(String op, Tensor x, int rank, String layout) {
    if (x.shape().rank() != rank) {
      throw new ShapeException(
          "Op "
              + op
              + " got shape "
              + x.shape()
              + "; expected "
              + rank
              + " dimensions "
              + layout
              + ".");
    }
  }

  static void notEmpty(String op, Tensor x) {
    if (x.numel() == 0) {
      throw new ShapeException(
          "Op " + op + " got an empty tensor " + x.shape() + "; expected at least one element.");
    }
  }

  static void sameShape(String op, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new ShapeException(
          "Op "
              + op
              + " got shapes "
              + a.shape()
              + " and "
              + b.shape()
              + "; expected equal shapes.");
    }
  }

  static void dim(String op, String what, Shape shape, int axis, int expected) {
    if (shape.dim(axis) != expected) {
      throw new ShapeException(
          "Op "
              + op
              + " got "
              + what
              + " of shape "
              + shape
              + "; expected "
              + expected
              + " in dimension "
              + axis
              + ".");
    }
  }

  static String describe(Tensor x) {
    return (x.qparams() == null ? x.dtype().torchName() : x.qparams().toString())
        + " tensor "
        + x.shape();
  }
}
