package org.octet.backend;

import org.octet.backend.twin.Kernel;
import org.octet.backend.twin.Memory;
import org.octet.tensor.ClosedException;
import org.octet.tensor.OctetOutOfMemoryError;
import org.octet.tensor.Storage;

/** An operator of the Java twin; heap objects only, so closing it is but a flag. */
final class JavaOperator implements Operator {
  private final OpKind kind;
  private final Attributes attributes;
  private final Kernel kernel;
  private volatile boolean closed;

  JavaOperator(OpKind kind, Attributes attributes, Kernel kernel) {
    this.kind = kind;
    this.attributes = attributes;
    this.kernel = kernel;
  }

  @Override
  public OpKind kind() {
    return kind;
  }

  @Override
  public OperatorContext shape(int... dims) {
    checkOpen();
    return new Context(dims.clone(), Footprint.of(kind, attributes, dims));
  }

  @Override
  public void close() {
    closed = true;
  }

  /** The twin works on heap arrays; {@code cause} is a full heap, or a size that no array has. */
  static OctetOutOfMemoryError outOfHeap(OpKind kind, Throwable cause) {
    return new OctetOutOfMemoryError(
        "Operator "
            + kind
            + " found no heap memory on the Java backend ("
            + cause.getMessage()
            + "); raise -Xmx or use smaller tensors.");
  }

  private void checkOpen() {
    if (closed) {
      throw new ClosedException(
          "The operator " + kind + " was closed; keep it open as long as it is used.");
    }
  }

  /** One input shape. */
  final class Context implements OperatorContext, ShapedContext {
    private final int[] dims;
    private final Footprint footprint;

    private Context(int[] dims, Footprint footprint) {
      this.dims = dims;
      this.footprint = footprint;
    }

    @Override
    public long scratchBytes() {
      return 0;
    }

    @Override
    public long outputBytes() {
      return footprint.output();
    }

    @Override
    public Footprint footprint() {
      return footprint;
    }

    @Override
    public void run(
        Storage[] inputs,
        long[] inputOffsets,
        Storage output,
        long outputOffset,
        Storage scratch,
        long scratchOffset) {
      checkOpen();
      footprint.check(kind, inputs, inputOffsets, output, outputOffset);
      Memory[] in = new Memory[footprint.inputs().length];
      for (int i = 0; i < in.length; i++) {
        in[i] = Memory.of(inputs[i], inputOffsets[i]);
      }
      compute(in, Memory.of(output, outputOffset));
    }

    void compute(Memory[] in, Memory out) {
      try {
        kernel.run(dims, in, out);
      } catch (OutOfMemoryError | ArithmeticException e) {
        throw outOfHeap(kind, e);
      }
    }
  }
}
