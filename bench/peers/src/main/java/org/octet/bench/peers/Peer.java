package org.octet.bench.peers;

/** One competitor with its operands: built once, run many times. */
interface Peer extends AutoCloseable {
  /** The field of {@link Times} that this peer's time goes to. */
  String name();

  /** Runs once. */
  void run();

  /**
   * What the last run gave, row-major, channels last: codes if it is 8 bit, else values. Null for
   * what computes nothing.
   */
  float[] output();

  @Override
  void close();
}
