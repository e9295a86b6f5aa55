package org.octet.backend;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/** What operands are filled with: values where kernels go wrong. */
enum Fill {
  RANDOM,
  ALL_MIN,
  ALL_MAX,
  MIXED_EXTREMES,
  ZERO;

  private static final float[] EXTREMES = {
    0f,
    -0f,
    1f,
    -1f,
    0.5f,
    -2.5f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MAX_VALUE,
    -Float.MAX_VALUE,
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.MIN_NORMAL,
    1e-30f,
    -1e10f,
    88.5f,
    -87.5f,
    3f,
    6f,
    0.625f
  };

  /** Codes from {@code min} to {@code max}. */
  byte[] codes(Random r, int n, int min, int max) {
    byte[] b = new byte[n];
    for (int i = 0; i < n; i++) {
      b[i] =
          (byte)
              switch (this) {
                case RANDOM -> min + r.nextInt(max - min + 1);
                case ALL_MIN -> min;
                case ALL_MAX -> max;
                case MIXED_EXTREMES -> r.nextBoolean() ? min : max;
                case ZERO -> 0;
              };
    }
    return b;
  }

  /** Floats of any size; finite ones unless these are mixed extremes. */
  byte[] floats(Random r, int n) {
    ByteBuffer b = ByteBuffer.allocate(4 * n).order(ByteOrder.LITTLE_ENDIAN);
    float size = (float) Math.scalb(1.0, r.nextInt(12) - 6);
    for (int i = 0; i < n; i++) {
      b.putFloat(
          switch (this) {
            case RANDOM -> (float) r.nextGaussian() * size;
            case ALL_MIN -> -Float.MAX_VALUE;
            case ALL_MAX -> Float.MAX_VALUE;
            case MIXED_EXTREMES -> EXTREMES[r.nextInt(EXTREMES.length)];
            case ZERO -> r.nextBoolean() ? 0f : -0f;
          });
    }
    return b.array();
  }
}
