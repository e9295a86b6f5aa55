package org.octet.ops;

import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
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
        "Op " + op + " got a " + describe(x) + "; expected float32. Add a DeQuantStub before {module}, or quantize {module} too.");
  }

  /** A quantized activation with per-tensor parameters and 8-bit codes. */
  static QuantizedTensor quantizedInput(String op, Tensor x) {
    if (!(x instanceof QuantizedTensor q)) {
      throw new DTypeException(
          "Op " + op + " got a " + describe(x) + "; expected quint8 or qint8. Add a QuantStub before {module}.");
    }
    if (q.dtype() != DType.QUINT8 && q.dtype() != DType.QINT8) {
      throw new DTypeException("Op " + op + " got a " + describe(x) + "; expected quint8 or qint8.");
    }
    if (q.qparams().isPerChannel()) {
      throw new DTypeException(
          "Op " + op + " got an activation quantized per channel; activations are quantized per tensor.");
    }
    return q;
  }

  static void rank(String op, Tensor x, int rank, String layout) {
    if (x.shape().rank() != rank) {
      throw new ShapeException(
          "Op " + op + " got shape " + x.shape() + "; expected " + rank + " dimensions " + layout + ".");
    }
  }

  static void notEmpty(String op, Tensor x) {
    if (x.numel() == 0) {
      throw new ShapeException("Op " + op + " got an empty tensor " + x.shape() + "; expected at least one element.");
    }
  }

  static void sameShape(String op, Tensor a, Tensor b) {
    if (!a.shape().equals(b.shape())) {
      throw new ShapeException(
          "Op " + op + " got shapes " + a.shape() + " and " + b.shape() + "; expected equal shapes.");
    }
  }

  static void dim(String op, String what, Shape shape, int axis, int expected) {
    if (shape.dim(axis) != expected) {
      throw new ShapeException(
          "Op " + op + " got " + what + " of shape " + shape + "; expected " + expected + " in dimension " + axis + ".");
    }
  }

  static String describe(Tensor x) {
    return (x.qparams() == null ? x.dtype().torchName() : x.qparams().toString()) + " tensor " + x.shape();
  }
}
