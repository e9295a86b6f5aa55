package org.octet.bench.peers;

import org.octet.backend.Backends;
import org.octet.bench.OpRunner;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.ops.DynamicLinearOp;
import org.octet.ops.LinearOp;
import org.octet.ops.Op;
import org.octet.ops.QuantizedConvOp;
import org.octet.ops.QuantizedLinearOp;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/** Ours, as a step of a Program runs it. */
final class OctetPeer implements Peer {
  private final String name;
  private final OpRunner runner;
  private Tensor output;

  private OctetPeer(String name, Op op, Tensor... inputs) {
    this.name = name;
    this.runner = new OpRunner(Backends.current(), op, inputs);
  }

  /** uint8 in, int8 weights, uint8 out. */
  static OctetPeer int8(String name, Operands o, int xZero) {
    QParams out = QParams.perTensor(o.yScale(), Operands.Y_ZERO, DType.QUINT8);
    Op op =
        o.conv() == null
            ? new QuantizedLinearOp(out, Activation.NONE)
            : new QuantizedConvOp(geometry(o.conv()), out, Activation.NONE);
    QParams in = QParams.perTensor(o.xScale(), xZero, DType.QUINT8);
    int[] codes = new int[o.x().length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = o.x()[i] & 0xff;
    }
    Tensor x = QuantizedTensor.ofCodes(codes, in, inputDims(o));
    return new OctetPeer(name, op, image(x, o), weights(o), FloatTensor.of(o.bias(), o.n()));
  }

  /** Float in and out, int8 weights; the rows are quantized in the operator. */
  static OctetPeer dynamic(Operands o) {
    return new OctetPeer(
        "octet",
        new DynamicLinearOp(false, DynamicLinearOp.Granularity.PER_TENSOR, Activation.NONE),
        FloatTensor.of(o.xFloat(), o.rows(), o.k()),
        weights(o),
        FloatTensor.of(o.bias(), o.n()));
  }

  static OctetPeer fp32(Operands o) {
    Op op =
        o.conv() == null
            ? new LinearOp(Activation.NONE)
            : new ConvOp(geometry(o.conv()), Activation.NONE);
    return new OctetPeer(
        "octetFp32",
        op,
        image(FloatTensor.of(o.xFloat(), inputDims(o)), o),
        FloatTensor.of(o.wFloat(), weightDims(o)),
        FloatTensor.of(o.bias(), o.n()));
  }

  static ConvGeometry geometry(Operands.Conv c) {
    return ConvGeometry.square(c.kernel(), c.stride(), c.pad(), 1, c.groups());
  }

  static int[] weightDims(Operands o) {
    Operands.Conv c = o.conv();
    return c == null
        ? new int[] {o.n(), o.k()}
        : new int[] {c.out(), c.in() / c.groups(), c.kernel(), c.kernel()};
  }

  /** As the arrays lie: channels last. */
  private static int[] inputDims(Operands o) {
    Operands.Conv c = o.conv();
    return c == null ? new int[] {o.rows(), o.k()} : new int[] {1, c.size(), c.size(), c.in()};
  }

  private static Tensor image(Tensor x, Operands o) {
    if (o.conv() == null) {
      return x;
    }
    return x instanceof QuantizedTensor q
        ? q.permute(0, 3, 1, 2).contiguous(MemoryFormat.CHANNELS_LAST)
        : ((FloatTensor) x).permute(0, 3, 1, 2).contiguous(MemoryFormat.CHANNELS_LAST);
  }

  private static QuantizedTensor weights(Operands o) {
    int[] codes = new int[o.w().length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = o.w()[i];
    }
    QParams q = QParams.perChannel(o.wScales(), new int[o.n()], 0, DType.QINT8);
    return QuantizedTensor.ofCodes(codes, q, weightDims(o));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    output = runner.run();
  }

  @Override
  public float[] output() {
    if (output instanceof QuantizedTensor q) {
      q = q.shape().rank() == 4 ? q.permute(0, 2, 3, 1) : q;
      int[] codes = q.intRepr();
      float[] out = new float[codes.length];
      for (int i = 0; i < codes.length; i++) {
        out[i] = codes[i];
      }
      return out;
    }
    FloatTensor f = (FloatTensor) output;
    return (f.shape().rank() == 4 ? f.permute(0, 2, 3, 1) : f).toArray();
  }

  @Override
  public void close() {
    runner.close();
  }
}
