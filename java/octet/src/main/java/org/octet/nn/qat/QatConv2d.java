package org.octet.nn.qat;

import org.octet.nn.Conv2d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv2d} that computes with its fake-quantized weight. */
public class QatConv2d extends QatConv {
  /**
   * A layer of {@code conv}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public QatConv2d(Conv2d conv, Module weightFakeQuant) {
    super(conv, weightFakeQuant, Activation.NONE);
  }
}
