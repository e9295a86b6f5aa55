package org.octet.bench.peers;

/**
 * A linear layer with float in and out: int8 weights per channel, the rows quantized in the
 * operator.
 */
public class GemmDynamicBench extends GemmBench {
  @Override
  void products(Competitors competitors) {
    competitors.gemmDynamic();
  }
}
