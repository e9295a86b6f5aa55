package org.octet.bench.peers;

/** A linear layer in float: ours sums in one fixed order on every instruction set. */
public class GemmFp32Bench extends GemmBench {
  @Override
  void products(Competitors competitors) {
    competitors.gemmFp32();
  }
}
