package org.octet.bench;

/** Shapes as they are written on the command line. */
public final class Shapes {
  private Shapes() {}

  /** Numbers separated by "x". */
  public static int[] parse(String text, int count, String expected) {
    String[] parts = text.split("x");
    int[] out = new int[count];
    try {
      if (parts.length == count) {
        for (int i = 0; i < count; i++) {
          out[i] = Integer.parseInt(parts[i].trim());
          if (out[i] < 1) {
            throw new NumberFormatException();
          }
        }
        return out;
      }
    } catch (NumberFormatException e) {
      // falls through
    }
    throw new IllegalArgumentException("shape=" + text + "; expected " + expected + ".");
  }
}
