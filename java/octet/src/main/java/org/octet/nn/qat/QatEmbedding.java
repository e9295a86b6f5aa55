package org.octet.nn.qat;

import org.octet.nn.Embedding;
import org.octet.nn.Module;
import org.octet.ops.EmbeddingOp;
import org.octet.tensor.Tensor;

/** An {@link Embedding} with a fake-quantized table. State: weight, weight_fake_quant.*. */
public class QatEmbedding extends Embedding implements QatModule {
  private final Key weightFakeQuant;

  /** A layer of {@code embedding}'s own table. */
  public QatEmbedding(Embedding embedding, Module weightFakeQuant) {
    super(embedding.weight());
    this.weightFakeQuant = child(WEIGHT_FAKE_QUANT, weightFakeQuant);
    train(embedding.isTraining());
  }

  @Override
  public Tensor forward(Tensor... in) {
    return EmbeddingOp.INSTANCE.apply(run(weightFakeQuant, weight()), in[0]);
  }
}
