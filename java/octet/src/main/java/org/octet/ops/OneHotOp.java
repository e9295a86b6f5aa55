package org.octet.ops;

import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Labels int64 [N] as float rows [N, classes] of zeros with a one (training). */
public final class OneHotOp extends Op {
  private final int classes;

  /** Rows of {@code classes} values. */
  public OneHotOp(int classes) {
    this.classes = classes;
  }

  @Override
  public String name() {
    return "one_hot";
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("classes", classes);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    return new Tensor[] {
      FloatTensor.ofSpec(Shape.of(in[0].size(0), classes), MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    long[] labels = ((LongTensor) in[0]).toArray();
    float[] y = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      y[i * classes + (int) labels[i]] = 1f;
    }
    return new Tensor[] {FloatTensor.of(y, labels.length, classes)};
  }
}
