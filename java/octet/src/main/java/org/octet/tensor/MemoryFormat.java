package org.octet.tensor;

/**
 * Order of a dense tensor's elements in memory. Shapes are always written in logical (NCHW) order.
 */
public enum MemoryFormat {
  /** Row-major in the order of the shape. */
  CONTIGUOUS,
  /**
   * The second dimension (channels) varies fastest: NHWC for NCHW, NLC for NCL. Only for ranks 3 to
   * 5.
   */
  CHANNELS_LAST
}
