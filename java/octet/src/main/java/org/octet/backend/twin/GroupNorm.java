package org.octet.backend.twin;

import java.util.Arrays;
import org.octet.backend.Attributes;
import org.octet.backend.Fp;

/** GROUP_NORM: layer, group and instance norm, of floats or of codes. */
final class GroupNorm implements Kernel {
  private final int type;
  private final int channels;
  private final int width;
  private final float eps;
  private final float lo;
  private final float hi;
  private final float scale;
  private final int zeroIn;
  private final int zeroPoint;
  private final float[] gamma;
  private final float[] beta;

  GroupNorm(Attributes a, Memory[] constants) {
    type = a.getInt(0);
    channels = a.getInt(1);
    width = channels / a.getInt(2);
    eps = a.getFloat(3);
    scale = a.getFloat(6);
    zeroIn = a.getInt(7);
    zeroPoint = a.getInt(8);
    boolean codes = type != Attributes.F32;
    lo = codes ? a.getInt(9) - zeroPoint : a.getFloat(4);
    hi = codes ? a.getInt(10) - zeroPoint : a.getFloat(5);
    gamma = values(constants[0], 1f);
    beta = values(constants[1], 0f);
  }

  private float[] values(Memory constant, float absent) {
    if (constant != null) {
      return constant.floats(channels);
    }
    float[] v = new float[channels];
    Arrays.fill(v, absent);
    return v;
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int pixels = dims[1];
    int count = dims[0] * pixels * channels;
    if (type == Attributes.F32) {
      float[] x = in[0].floats(count);
      for (int image = 0; count > 0 && image < dims[0]; image++) {
        for (int c = 0; c < channels; c += width) {
          normalize(x, image * pixels * channels + c, pixels, c);
        }
      }
      out.put(x);
      return;
    }
    byte[] bytes = in[0].bytes(count);
    int[] x = Codes.centered(bytes, type, zeroIn);
    for (int image = 0; count > 0 && image < dims[0]; image++) {
      for (int c = 0; c < channels; c += width) {
        normalize(x, bytes, image * pixels * channels + c, pixels, c);
      }
    }
    out.put(bytes);
  }

  private void normalize(float[] x, int at, int pixels, int channel) {
    int end = at + pixels * channels;
    float count = (float) (pixels * width);
    float[] sums = new float[16];
    for (int row = at; row < end; row += channels) {
      for (int c = 0; c < width; c++) {
        sums[c & 15] += x[row + c];
      }
    }
    float mean = Fp.sum16(sums) / count;
    float[] squares = new float[16];
    for (int row = at; row < end; row += channels) {
      for (int c = 0; c < width; c++) {
        float d = x[row + c] - mean;
        squares[c & 15] = Fp.fma(d, d, squares[c & 15]);
      }
    }
    float rstd = 1f / (float) Math.sqrt(Fp.sum16(squares) / count + eps);
    for (int row = at; row < end; row += channels) {
      for (int c = 0; c < width; c++) {
        x[row + c] = Fp.clamp(value(x[row + c], mean, rstd, channel + c), lo, hi);
      }
    }
  }

  private void normalize(int[] x, byte[] out, int at, int pixels, int channel) {
    int end = at + pixels * channels;
    long n = (long) pixels * width;
    long sum = 0;
    long squares = 0;
    for (int row = at; row < end; row += channels) {
      for (int c = 0; c < width; c++) {
        sum += x[row + c];
        squares += x[row + c] * x[row + c];
      }
    }
    double s = scale;
    double variance = (double) (n * squares - sum * sum) / ((double) n * n) * s * s;
    float mean = (float) ((double) sum / n);
    float rstd = (float) (s / Math.sqrt(variance + eps));
    for (int row = at; row < end; row += channels) {
      for (int c = 0; c < width; c++) {
        float y = value((float) x[row + c], mean, rstd, channel + c);
        out[row + c] = (byte) Fp.toCode(y, lo, hi, zeroPoint);
      }
    }
  }

  private float value(float x, float mean, float rstd, int channel) {
    return (x - mean) * rstd * gamma[channel] + beta[channel];
  }
}
