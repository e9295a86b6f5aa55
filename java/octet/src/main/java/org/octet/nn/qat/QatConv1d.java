package org.octet.nn.qat;

import org.octet.nn.Conv1d;
import org.octet.nn.Module;
import org.octet.ops.Activation;

/** A {@link Conv1d} that computes with its fake-quantized weight. */
public class QatConv1d extends QatConv {
  /**
   * A layer of {@code conv}'s own parameters; {@code weightFakeQuant} maps a weight to what is
   * multiplied with.
   */
  public QatConv1d(Conv1d conv, Module weightFakeQuant) {
    super(conv, weightFakeQuant, Activation.NONE);
  }
}
