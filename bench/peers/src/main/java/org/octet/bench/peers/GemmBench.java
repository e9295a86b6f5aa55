package org.octet.bench.peers;

import org.octet.bench.Shapes;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The shapes of linear layers; what is computed with them is the subclass. */
public abstract class GemmBench extends PeersBench {
  /** MxKxN. */
  @Param({
    "1x768x768",
    "1x768x3072",
    "1x3072x768",
    "8x384x384",
    "32x384x1536",
    "128x768x768",
    "128x768x3072",
    "128x3072x768",
    "512x512x512",
    "1024x1024x1024",
    "2048x2048x2048"
  })
  public String shape;

  /** Makes the competitors and compares what they compute. */
  @Setup
  public void setup() {
    requireOneCore();
    int[] s = Shapes.parse(shape, 3, "MxKxN, for example 128x768x3072");
    products(new Competitors(rounds, Operands.linear(s[0], s[1], s[2])));
  }

  /** Enters all that take part. */
  abstract void products(Competitors competitors);
}
