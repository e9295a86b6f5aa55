package org.octet.backend.twin;

import org.octet.backend.Attributes;

/** FAKE_QUANTIZE_GRAD: the gradient where the code was in range, else 0. */
final class FakeQuantizeGradF32 implements Kernel {
  private final int quantMin;
  private final int quantMax;

  FakeQuantizeGradF32(Attributes a) {
    quantMin = a.getInt(0);
    quantMax = a.getInt(1);
  }

  @Override
  public void run(int[] dims, Memory[] in, Memory out) {
    int channels = dims[1];
    int inner = dims[2];
    float[] x = in[0].floats(dims[0] * channels * inner);
    float[] g = in[1].floats(x.length);
    float[] state = in[2].floats(4 * channels);
    float[] dx = new float[x.length];
    for (int run = 0; run < dims[0] * channels; run++) {
      int s = run % channels * 4;
      float inverse = 1f / state[s + 2];
      float z = FakeQuantizeF32.zeroPoint(state[s + 3], quantMin, quantMax);
      for (int i = run * inner; i < run * inner + inner; i++) {
        double code = Math.rint(x[i] * inverse);
        dx[i] = code >= quantMin - z && code <= quantMax - z ? g[i] : 0f;
      }
    }
    out.put(dx);
  }
}
