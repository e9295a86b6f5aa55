package org.octet.bench.peers;

/** A linear layer with uint8 in and out: fixed scales, int8 weights per channel, bias. */
public class GemmStaticBench extends GemmBench {
  @Override
  void products(Competitors competitors) {
    competitors.gemmStatic();
  }
}
