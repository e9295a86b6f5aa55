package org.octet.nn;

import java.util.SplittableRandom;
import org.octet.tensor.FloatTensor;

/** Weight initialisation. */
public final class Init {
  private static final ThreadLocal<SplittableRandom> RANDOM =
      ThreadLocal.withInitial(() -> new SplittableRandom(0));

  private Init() {}

  /** Seeds the generator of this thread (PyTorch's manual_seed); the seed at the start is 0. */
  public static void seed(long seed) {
    RANDOM.set(new SplittableRandom(seed));
  }

  /** Values uniform in +-1/sqrt(fanIn): PyTorch's default for linear and convolution layers. */
  public static FloatTensor uniform(int fanIn, int... dims) {
    double bound = 1 / Math.sqrt(Math.max(1, fanIn));
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) ((RANDOM.get().nextDouble() * 2 - 1) * bound);
    }
    t.copyFrom(v);
    return t;
  }

  /**
   * Normally distributed values, mean 0 and standard deviation 1: PyTorch's default for embeddings.
   */
  static FloatTensor normal(int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) gaussian(RANDOM.get());
    }
    t.copyFrom(v);
    return t;
  }

  /**
   * Marsaglia's polar method, of which one of the two values is used. The generator's own method is
   * missing on old Android, and differs between Java versions.
   */
  private static double gaussian(SplittableRandom random) {
    while (true) {
      double x = 2 * random.nextDouble() - 1;
      double y = 2 * random.nextDouble() - 1;
      double s = x * x + y * y;
      if (s > 0 && s < 1) {
        return x * Math.sqrt(-2 * StrictMath.log(s) / s);
      }
    }
  }

  /** A seed for a generator of its own, such as dropout's. */
  static long nextSeed() {
    return RANDOM.get().nextLong();
  }
}
