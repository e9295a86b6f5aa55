package org.octet.bench.peers;

import org.octet.bench.Shapes;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A convolution of one image, channels last, padding (K - 1) / 2, uint8 in and out, bias. */
public class ConvInt8Bench extends PeersBench {
  /** CINxCOUTxKxSTRIDExSIZExGROUPS. */
  @Param({
    "3x64x7x2x224x1",
    "64x64x3x1x56x1",
    "64x256x1x1x56x1",
    "256x64x1x1x56x1",
    "128x128x3x1x28x1",
    "512x128x1x1x28x1",
    "256x256x3x1x14x1",
    "1024x256x1x1x14x1",
    "512x512x3x1x7x1",
    "2048x512x1x1x7x1",
    "512x2048x1x1x7x1",
    "3x32x3x2x224x1",
    "32x32x3x1x112x32",
    "96x96x3x2x112x96",
    "144x144x3x1x56x144",
    "192x192x3x2x28x192",
    "192x192x3x1x28x192",
    "384x384x3x1x14x384",
    "576x576x3x1x14x576",
    "960x960x3x1x7x960",
    "16x96x1x1x112x1",
    "24x144x1x1x56x1",
    "144x24x1x1x56x1",
    "384x64x1x1x14x1",
    "320x1280x1x1x7x1"
  })
  public String shape;

  /** Makes the competitors and compares what they compute. */
  @Setup
  public void setup() {
    requireOneCore();
    int[] s = Shapes.parse(shape, 6, "CINxCOUTxKxSTRIDExSIZExGROUPS, for example 64x64x3x1x56x1");
    Operands.Conv c = new Operands.Conv(s[0], s[1], s[2], s[3], s[4], s[5]);
    new Competitors(rounds, Operands.conv(c)).conv();
  }
}
