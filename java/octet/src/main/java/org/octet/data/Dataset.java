package org.octet.data;

/** Numbered examples. */
public interface Dataset {
  /** How many there are. */
  int size();

  /**
   * The examples with the given numbers, in that order, as new tensors.
   *
   * @throws IndexOutOfBoundsException if a number is not in 0 .. size - 1
   */
  Batch batch(int... indices);
}
