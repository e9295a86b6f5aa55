package org.octet.backend;

import org.octet.natives.OctetNative;
import org.octet.tensor.Storage;

/** A native operator for one input shape. */
final class NativeContext implements OperatorContext, ShapedContext {
  private final NativeOperator operator;
  final int[] dims;
  private final Footprint footprint;
  private final long scratchBytes;

  /** Replaced when its operator had to make room for other shapes and this one runs again. */
  volatile NativeOperator.ContextHandle handle;

  NativeContext(
      NativeOperator operator,
      int[] dims,
      Footprint footprint,
      NativeOperator.ContextHandle handle) {
    this.operator = operator;
    this.dims = dims;
    this.footprint = footprint;
    this.handle = handle;
    this.scratchBytes = handle.scratchBytes;
  }

  @Override
  public long scratchBytes() {
    return scratchBytes;
  }

  @Override
  public long outputBytes() {
    return footprint.output();
  }

  @Override
  public Footprint footprint() {
    return footprint;
  }

  /** Begins a use of the native side; the caller ends it with exit. */
  NativeOperator.ContextHandle acquire() {
    NativeOperator.ContextHandle h = handle;
    while (!h.tryEnter()) {
      h = operator.reopen(this);
    }
    return h;
  }

  @Override
  public void run(
      Storage[] inputs,
      long[] inputOffsets,
      Storage output,
      long outputOffset,
      Storage scratch,
      long scratchOffset) {
    footprint.check(operator.kind(), inputs, inputOffsets, output, outputOffset);
    long scratchAddress = 0;
    if (scratchBytes > 0) {
      Footprint.checkScratch(scratchOffset, scratchBytes, scratch == null ? 0 : scratch.bytes());
      scratchAddress = scratch.address() + scratchOffset;
    }
    long out = output.address() + outputOffset;
    int n = footprint.inputs().length;
    Storage list = null;
    NativeOperator.ContextHandle h = acquire();
    int status;
    try {
      if (n <= 2) {
        long in0 = inputs[0].address() + inputOffsets[0];
        long in1 = n == 2 ? inputs[1].address() + inputOffsets[1] : 0;
        status = OctetNative.octet_op_run(h.address, in0, in1, out, scratchAddress);
      } else {
        list = NativeBackend.block(new long[n]);
        for (int i = 0; i < n; i++) {
          list.buffer().putLong(8 * i, inputs[i].address() + inputOffsets[i]);
        }
        status = OctetNative.octet_op_run_n(h.address, list.address(), n, out, scratchAddress);
      }
    } finally {
      h.exit();
      if (list != null) {
        list.release();
      }
    }
    if (status != OctetNative.OCTET_OK) { // the text would be garbage of every call
      NativeBackend.check(status, "A run of operator " + operator.kind());
    }
  }
}
