package org.octet.nn.quantized;

import org.octet.nn.Module;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.QParams;

/**
 * A module with quantization parameters of its own for its result. State: scale, zero_point
 * (scalars).
 */
abstract class QuantizedModule extends Module {
  private final Key scale;
  private final Key zeroPoint;
  private final DType dtype;
  private volatile QParams output;

  QuantizedModule(QParams output) {
    this.scale = buffer("scale", FloatTensor.scalar(output.scale()));
    this.zeroPoint = buffer("zero_point", LongTensor.of(new long[] {output.zeroPoint()}));
    this.dtype = output.dtype();
    this.output = output;
    eval();
  }

  /** Parameters of the result. The same object as long as the state is not loaded anew. */
  public final QParams output() {
    QParams q = output;
    float s = get(scale).item();
    int z = (int) ((LongTensor) getBuffer(zeroPoint)).get();
    if (q.scale() != s || q.zeroPoint() != z) {
      q = QParams.perTensor(s, z, dtype);
      output = q;
    }
    return q;
  }

  /** Scale of the result. */
  public final float scale() {
    return output().scale();
  }

  /** Zero point of the result. */
  public final int zeroPoint() {
    return output().zeroPoint();
  }
}
