package org.octet.nn.qat;

import org.octet.nn.Conv3d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv3d} that computes with its fake-quantized weight. */
public class QatConv3d extends QatConv {
  /**
   * A layer of {@code conv}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public QatConv3d(Conv3d conv, Module weightFakeQuant) {
    super(conv, weightFakeQuant, Activation.NONE);
  }
}
