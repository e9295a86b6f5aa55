package org.octet.nn.qat;

import org.octet.nn.EmbeddingBag;
import org.octet.nn.Module;
import org.octet.tensor.Tensor;

/** An {@link EmbeddingBag} with a fake-quantized table. State: weight, weight_fake_quant.*. */
public class QatEmbeddingBag extends EmbeddingBag implements QatModule {
  private final Key weightFakeQuant;

  /** A layer of {@code bag}'s own table. */
  public QatEmbeddingBag(EmbeddingBag bag, Module weightFakeQuant) {
    super(bag.weight(), bag.mode(), bag.includeLastOffset());
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    train(bag.isTraining());
  }

  @Override
  protected Tensor table() {
    return run(weightFakeQuant, weight());
  }
}
