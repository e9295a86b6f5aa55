package org.octet.nn;

import org.octet.ops.CrossEntropyOp;
import org.octet.tensor.Tensor;

/**
 * Mean over the batch of -log softmax(logits)[label]. Inputs: logits [N, classes], labels int64
 * [N]; result: scalar.
 */
public class CrossEntropyLoss extends Module {
  private static final CrossEntropyOp OP = new CrossEntropyOp();

  @Override
  public Tensor forward(Tensor... in) {
    return OP.apply(in[0], in[1]);
  }
}
