package org.octet.ops;

/**
 * Arrays that the loops of one thread use again and again. A slot is one array: callers that nest
 * use different slots.
 */
final class Scratch {
  private static final int SLOTS = 8;
  private static final ThreadLocal<float[][]> FLOATS =
      ThreadLocal.withInitial(() -> new float[SLOTS][0]);
  private static final ThreadLocal<int[][]> INTS = ThreadLocal.withInitial(() -> new int[SLOTS][0]);

  private Scratch() {}

  /** An array of at least {@code n} floats with undefined contents. */
  static float[] floats(int slot, int n) {
    float[][] all = FLOATS.get();
    if (all[slot].length < n) {
      all[slot] = new float[n];
    }
    return all[slot];
  }

  /** An array of at least {@code n} ints with undefined contents. */
  static int[] ints(int slot, int n) {
    int[][] all = INTS.get();
    if (all[slot].length < n) {
      all[slot] = new int[n];
    }
    return all[slot];
  }
}
