package org.octet.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.octet.tensor.Storage;

/** Storages of test data, and runs of one operator. */
final class Buffers {
  private Buffers() {}

  static Storage bytes(int... v) {
    Storage s = Storage.allocate(v.length);
    for (int i = 0; i < v.length; i++) {
      s.buffer().put(i, (byte) v[i]);
    }
    return s;
  }

  static Storage raw(byte[] v) {
    return raw(v, 0);
  }

  /** {@code v} from byte {@code offset}. */
  static Storage raw(byte[] v, int offset) {
    Storage s = Storage.allocate(v.length + offset);
    ByteBuffer b = s.buffer().duplicate();
    b.position(offset);
    b.put(v);
    return s;
  }

  static Storage floats(float... v) {
    Storage s = Storage.allocate(4L * v.length);
    s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(v);
    return s;
  }

  static Storage ints(int... v) {
    Storage s = Storage.allocate(4L * v.length);
    s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(v);
    return s;
  }

  static byte[] run(Backend backend, OperatorSpec spec, int[] dims, Storage... inputs) {
    try (Operator op = backend.create(spec)) {
      OperatorContext context = op.shape(dims);
      Storage out = Storage.allocate(context.outputBytes());
      Storage scratch = Storage.allocate(context.scratchBytes());
      context.run(inputs, new long[inputs.length], out, 0, scratch, 0);
      byte[] y = new byte[(int) out.bytes()];
      out.buffer().duplicate().get(y);
      out.release();
      scratch.release();
      return y;
    }
  }

  static OperatorSpec spec(OpKind kind, Attributes.Builder a, Storage... constants) {
    return new OperatorSpec(kind, a.build(), Arrays.asList(constants));
  }

  static OperatorSpec spec(OpKind kind, Attributes.Builder a) {
    return new OperatorSpec(kind, a.build(), List.of());
  }

  static float[] toFloats(byte[] y) {
    float[] f = new float[y.length / 4];
    ByteBuffer.wrap(y).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(f);
    return f;
  }

  static int[] toInts(byte[] y) {
    int[] f = new int[y.length / 4];
    ByteBuffer.wrap(y).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(f);
    return f;
  }
}
