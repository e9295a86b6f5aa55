package org.octet.ops;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Storage;

/** Packs weights into the dense layouts of octet_kinds.h. */
final class Constants {
  private Constants() {}

  static Storage ofFloats(float[] values) {
    Storage s = Storage.allocate(4L * values.length);
    s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return s;
  }

  static Storage ofInts(int[] values) {
    Storage s = Storage.allocate(4L * values.length);
    s.buffer().duplicate().order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(values);
    return s;
  }

  static Storage ofBytes(byte[] values) {
    Storage s = Storage.allocate(values.length);
    s.buffer().duplicate().put(values);
    return s;
  }

  /** Float weights [O][I][KH][KW] (or [O][I]) as [O][KH][KW][I]. */
  static Storage channelsLast(FloatTensor weight) {
    float[] v = weight.toArray();
    float[] out = new float[v.length];
    int[] target = channelsLastOrder(weight.shape().dims());
    for (int i = 0; i < v.length; i++) {
      out[target[i]] = v[i];
    }
    return ofFloats(out);
  }

  /** 8-bit weights [O][I][KH][KW] (or [O][I]) as [O][KH][KW][I]. */
  static Storage channelsLast(QuantizedTensor weight) {
    return channelsLast(weight.intRepr(), weight.shape().dims());
  }

  /**
   * 8-bit codes of a weight of shape {@code dims} = [O][I][KH][KW] (or [O][I]) as [O][KH][KW][I].
   */
  static Storage channelsLast(int[] codes, int... dims) {
    Storage s = Storage.allocate(codes.length);
    ByteBuffer b = s.buffer();
    int[] target = channelsLastOrder(dims);
    for (int i = 0; i < codes.length; i++) {
      b.put(target[i], (byte) codes[i]);
    }
    return s;
  }

  private static int[] channelsLastOrder(int[] dims) {
    int o = dims[0];
    int in = dims[1];
    int k = 1;
    for (int i = 2; i < dims.length; i++) {
      k *= dims[i];
    }
    int[] target = new int[o * in * k];
    int i = 0;
    for (int a = 0; a < o; a++) {
      for (int c = 0; c < in; c++) {
        for (int t = 0; t < k; t++) {
          target[i++] = (a * k + t) * in + c;
        }
      }
    }
    return target;
  }
}
