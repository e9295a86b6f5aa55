package org.octet.ops;

import java.util.Arrays;
import java.util.Map;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Gradient of {@link NormOp} (training). Inputs: gradient of y, x, weight (may be null). Outputs:
 * gradients of x, of the weight and of the bias; computed in double.
 */
public final class NormGradOp extends Op {
  private final NormOp of;

  /** Gradient of {@code of}. */
  public NormGradOp(NormOp of) {
    this.of = of;
  }

  @Override
  public String name() {
    return of.name() + "_grad";
  }

  @Override
  public Map<String, Object> attributes() {
    return of.attributes();
  }

  private Shape parameters(Tensor x) {
    Object normalized = of.attributes().get("normalized_shape");
    return normalized != null ? (Shape) normalized : Shape.of(x.size(1));
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.sameShape(name(), in[0], in[1]);
    Shape shape = parameters(in[1]);
    return new Tensor[] {
      FloatTensor.ofSpec(in[1].shape(), MemoryFormat.CONTIGUOUS),
      FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS),
      FloatTensor.ofSpec(shape, MemoryFormat.CONTIGUOUS)
    };
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    infer(in);
    Shape shape = parameters(in[1]);
    int channels = (int) shape.numel();
    // In logical order a part lies together: its channels, each with its pixels.
    NormOp.Parts p = of.parts(in[1]);
    float[] g = ((FloatTensor) in[0]).toArray();
    float[] x = ((FloatTensor) in[1]).toArray();
    float[] w = new float[channels];
    Arrays.fill(w, 1f);
    w = in[2] == null ? w : ((FloatTensor) in[2]).toArray();
    double[] weightGrad = new double[channels];
    double[] biasGrad = new double[channels];
    float[] dx = new float[x.length];
    int length = p.length();
    for (int part = 0; part < p.count(); part++) {
      int at = part * length;
      int channel = part % p.groups() * (p.channels() / p.groups());
      double sum = 0;
      for (int i = at; i < at + length; i++) {
        sum += x[i];
      }
      double mean = sum / length;
      double square = 0;
      for (int i = at; i < at + length; i++) {
        square += (x[i] - mean) * (x[i] - mean);
      }
      double rstd = 1 / Math.sqrt(square / length + of.eps());
      double gradients = 0;
      double products = 0;
      for (int i = 0; i < length; i++) {
        int c = channel + i / p.pixels();
        double y = (x[at + i] - mean) * rstd;
        weightGrad[c] += g[at + i] * y;
        biasGrad[c] += g[at + i];
        gradients += (double) g[at + i] * w[c];
        products += (double) g[at + i] * w[c] * y;
      }
      for (int i = 0; i < length; i++) {
        double y = (x[at + i] - mean) * rstd;
        double scaled = (double) g[at + i] * w[channel + i / p.pixels()];
        dx[at + i] = (float) (rstd * (scaled - (gradients + y * products) / length));
      }
    }
    return new Tensor[] {
      FloatTensor.of(dx, in[1].shape().dims()),
      FloatTensor.of(floats(weightGrad), shape.dims()),
      FloatTensor.of(floats(biasGrad), shape.dims())
    };
  }

  private static float[] floats(double[] v) {
    float[] f = new float[v.length];
    for (int i = 0; i < v.length; i++) {
      f[i] = (float) v[i];
    }
    return f;
  }
}
