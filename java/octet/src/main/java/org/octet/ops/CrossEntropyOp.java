package org.octet.ops;

import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

/**
 * Mean over the batch of {@code -log softmax(logits)[label]} (training). Inputs: logits [N,
 * classes], labels int64 [N]. Outputs: the loss, a scalar; softmax(logits), through which no
 * gradient flows.
 */
public final class CrossEntropyOp extends Op {
  @Override
  public String name() {
    return "cross_entropy";
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    FloatTensor x = Checks.floatInput(name(), in[0]);
    Checks.notEmpty(name(), x);
    Checks.rank(name(), x, 2, "[N, classes]");
    if (!(in[1] instanceof LongTensor)) {
      throw new DTypeException(
          "Op " + name() + " got labels of " + Checks.describe(in[1]) + "; expected int64 labels.");
    }
    if (!in[1].shape().equals(Shape.of(x.size(0)))) {
      throw new ShapeException(
          "Op "
              + name()
              + " got labels of shape "
              + in[1].shape()
              + " for logits "
              + x.shape()
              + "; expected ["
              + x.size(0)
              + "].");
    }
    return new Tensor[] {
      FloatTensor.ofSpec(Shape.of(), MemoryFormat.CONTIGUOUS),
      FloatTensor.ofSpec(x.shape(), MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    int rows = in[0].size(0);
    int classes = in[0].size(1);
    float[] x = ((FloatTensor) in[0]).toArray();
    long[] labels = ((LongTensor) in[1]).toArray();
    double loss = 0;
    for (int r = 0; r < rows; r++) {
      if (labels[r] < 0 || labels[r] >= classes) {
        throw new ShapeException(
            "Op "
                + name()
                + " got label "
                + labels[r]
                + " at index "
                + r
                + "; expected 0 to "
                + (classes - 1)
                + ".");
      }
      int at = r * classes;
      double label = x[at + (int) labels[r]];
      loss += LogSoftmaxOp.softmax(x, at, classes) - label;
    }
    return new Tensor[] {
      FloatTensor.scalar((float) (loss / rows)), FloatTensor.of(x, rows, classes)
    };
  }

  @Override
  public Tensor[] gradient(Tensor[] inputs, Tensor[] outputs, Tensor[] grads) {
    // (softmax - onehot) / N, times the gradient of the loss.
    Tensor oneHot = new OneHotOp(inputs[0].size(1)).apply(inputs[1]);
    Tensor difference = SubOp.INSTANCE.apply(outputs[1], oneHot);
    return new Tensor[] {new ScaleOp(1f / inputs[0].size(0)).apply(difference, grads[0]), null};
  }
}
