package org.octet.bench.peers;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;

/**
 * ONNX Runtime through its Java interface, all optimizations, one thread; input and output are
 * pinned, which is its cheapest call. Weights are constants of the model, so it packs them once.
 */
final class OrtPeer implements Peer {
  private static final String MICROSOFT = "com.microsoft";
  private static final int X_ZERO = 128;

  private final String name;
  private final boolean quantized;
  private final OrtSession.SessionOptions options;
  private final OrtSession session;
  private final OnnxTensor x;
  private final OnnxTensor y;
  private final ByteBuffer out;
  private final Map<String, OnnxTensor> inputs;
  private final Map<String, OnnxTensor> outputs;

  private OrtPeer(
      String name, OnnxNode node, Operands o, boolean quantized, long[] xDims, long[] yDims) {
    this.name = name;
    this.quantized = quantized;
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options = new OrtSession.SessionOptions();
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(node.model(quantized, xDims, yDims), options);
      int size = quantized ? 1 : 4;
      ByteBuffer in = aligned(size * o.x().length);
      out = aligned(size * o.outputs());
      if (quantized) {
        in.duplicate().put(o.x());
        x = OnnxTensor.createTensor(environment, in, xDims, OnnxJavaType.UINT8);
        y = OnnxTensor.createTensor(environment, out, yDims, OnnxJavaType.UINT8);
      } else {
        in.asFloatBuffer().put(o.xFloat());
        x = OnnxTensor.createTensor(environment, in.asFloatBuffer(), xDims);
        y = OnnxTensor.createTensor(environment, out.asFloatBuffer(), yDims);
      }
      inputs = Map.of("x", x);
      outputs = Map.of("y", y);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime refuses " + name, e);
    }
  }

  /** QGemm, with a bias. */
  static OrtPeer gemm(Operands o) {
    OnnxNode node = new OnnxNode("QGemm", MICROSOFT).x().scalar(o.xScale()).uint8(X_ZERO);
    weights(node, o)
        .ints(o.intBias(), o.n())
        .scalar(o.yScale())
        .uint8(Operands.Y_ZERO)
        .attribute("transA", 0)
        .attribute("transB", 0);
    return linear("ort", node, o, true);
  }

  /** QLinearMatMul, which has no bias. */
  static OrtPeer matMul(Operands o) {
    OnnxNode node = new OnnxNode("QLinearMatMul", "").x().scalar(o.xScale()).uint8(X_ZERO);
    weights(node, o).scalar(o.yScale()).uint8(Operands.Y_ZERO);
    return linear("ortMatMul", node, o, true);
  }

  /** DynamicQuantizeMatMul: float in and out. */
  static OrtPeer dynamic(Operands o) {
    OnnxNode node = new OnnxNode("DynamicQuantizeMatMul", MICROSOFT).x();
    node.int8(transposed(o), o.k(), o.n())
        .floats(o.wScales(), o.n())
        .int8(new byte[o.n()], o.n())
        .floats(o.bias(), o.n());
    return linear("ort", node, o, false);
  }

  /** Gemm in float. */
  static OrtPeer fp32(Operands o) {
    float[] w = new float[o.k() * o.n()];
    for (int i = 0; i < o.n(); i++) {
      for (int j = 0; j < o.k(); j++) {
        w[j * o.n() + i] = o.wFloat()[i * o.k() + j];
      }
    }
    OnnxNode node = new OnnxNode("Gemm", "").x().floats(w, o.k(), o.n()).floats(o.bias(), o.n());
    return linear("ortFp32", node, o, false);
  }

  /** QLinearConv with channels last, as its optimizer makes it of a quantized network. */
  static OrtPeer conv(Operands o) {
    Operands.Conv c = o.conv();
    OnnxNode node =
        new OnnxNode("QLinearConv", MICROSOFT)
            .x()
            .scalar(o.xScale())
            .uint8(X_ZERO)
            .int8(o.w(), c.out(), c.in() / c.groups(), c.kernel(), c.kernel())
            .floats(o.wScales(), o.n())
            .int8(new byte[o.n()], o.n())
            .scalar(o.yScale())
            .uint8(Operands.Y_ZERO)
            .ints(o.intBias(), o.n())
            .attribute("kernel_shape", c.kernel(), c.kernel())
            .attribute("strides", c.stride(), c.stride())
            .attribute("pads", c.pad(), c.pad(), c.pad(), c.pad())
            .attribute("dilations", 1, 1)
            .attribute("group", c.groups())
            .attribute("channels_last", 1);
    return new OrtPeer(
        "ort",
        node,
        o,
        true,
        new long[] {1, c.size(), c.size(), c.in()},
        new long[] {1, c.outSize(), c.outSize(), c.out()});
  }

  private static OrtPeer linear(String name, OnnxNode node, Operands o, boolean quantized) {
    return new OrtPeer(
        name, node, o, quantized, new long[] {o.rows(), o.k()}, new long[] {o.rows(), o.n()});
  }

  private static OnnxNode weights(OnnxNode node, Operands o) {
    return node.int8(transposed(o), o.k(), o.n())
        .floats(o.wScales(), o.n())
        .int8(new byte[o.n()], o.n());
  }

  /** [k][n]. */
  private static byte[] transposed(Operands o) {
    byte[] w = new byte[o.k() * o.n()];
    for (int i = 0; i < o.n(); i++) {
      for (int j = 0; j < o.k(); j++) {
        w[j * o.n() + i] = o.w()[i * o.k() + j];
      }
    }
    return w;
  }

  private static ByteBuffer aligned(int bytes) {
    ByteBuffer raw = ByteBuffer.allocateDirect(bytes + 64);
    ByteBuffer slice =
        raw.position(raw.alignmentOffset(0, 64) == 0 ? 0 : 64 - raw.alignmentOffset(0, 64)).slice();
    return slice.limit(bytes).slice().order(ByteOrder.nativeOrder());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    try {
      session.run(inputs, outputs).close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public float[] output() {
    if (!quantized) {
      float[] values = new float[out.capacity() / 4];
      out.asFloatBuffer().get(values);
      return values;
    }
    float[] codes = new float[out.capacity()];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = out.get(i) & 0xff;
    }
    return codes;
  }

  @Override
  public void close() {
    try {
      x.close();
      y.close();
      session.close();
      options.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
