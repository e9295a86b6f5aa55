package org.octet.bench.peers;

import ai.onnx.proto.OnnxMl;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A model of one node, written as ONNX: the input "x", the output "y", all else constants. */
final class OnnxNode {
  private static final int FLOAT = OnnxMl.TensorProto.DataType.FLOAT.getNumber();
  private static final int UINT8 = OnnxMl.TensorProto.DataType.UINT8.getNumber();
  private static final int INT8 = OnnxMl.TensorProto.DataType.INT8.getNumber();
  private static final int INT32 = OnnxMl.TensorProto.DataType.INT32.getNumber();

  private final OnnxMl.NodeProto.Builder node = OnnxMl.NodeProto.newBuilder();
  private final OnnxMl.GraphProto.Builder graph = OnnxMl.GraphProto.newBuilder().setName("layer");

  /**
   * @param domain "" is ONNX's own
   */
  OnnxNode(String operator, String domain) {
    node.setOpType(operator).setDomain(domain).addOutput("y");
  }

  /** The next input of the node is the model's. */
  OnnxNode x() {
    node.addInput("x");
    return this;
  }

  /** The next input is left out. */
  OnnxNode absent() {
    node.addInput("");
    return this;
  }

  OnnxNode floats(float[] values, long... dims) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return constant(FLOAT, b.array(), dims);
  }

  OnnxNode ints(int[] values, long... dims) {
    ByteBuffer b = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    b.asIntBuffer().put(values);
    return constant(INT32, b.array(), dims);
  }

  OnnxNode int8(byte[] values, long... dims) {
    return constant(INT8, values, dims);
  }

  /** A scalar uint8. */
  OnnxNode uint8(int value) {
    return constant(UINT8, new byte[] {(byte) value});
  }

  /** A scalar float. */
  OnnxNode scalar(float value) {
    return floats(new float[] {value});
  }

  OnnxNode attribute(String name, long value) {
    node.addAttribute(
        OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.AttributeProto.AttributeType.INT)
            .setI(value));
    return this;
  }

  OnnxNode attribute(String name, long... values) {
    OnnxMl.AttributeProto.Builder a =
        OnnxMl.AttributeProto.newBuilder()
            .setName(name)
            .setType(OnnxMl.AttributeProto.AttributeType.INTS);
    for (long v : values) {
      a.addInts(v);
    }
    node.addAttribute(a);
    return this;
  }

  /** The model's bytes. */
  byte[] model(boolean quantized, long[] xDims, long[] yDims) {
    graph
        .addInput(value("x", quantized ? UINT8 : FLOAT, xDims))
        .addOutput(value("y", quantized ? UINT8 : FLOAT, yDims))
        .addNode(node);
    return OnnxMl.ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OnnxMl.OperatorSetIdProto.newBuilder().setDomain("").setVersion(17))
        .addOpsetImport(
            OnnxMl.OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private OnnxNode constant(int type, byte[] raw, long... dims) {
    String name = "c" + node.getInputCount();
    OnnxMl.TensorProto.Builder t =
        OnnxMl.TensorProto.newBuilder()
            .setName(name)
            .setDataType(type)
            .setRawData(ByteString.copyFrom(raw));
    for (long d : dims) {
      t.addDims(d);
    }
    graph.addInitializer(t);
    node.addInput(name);
    return this;
  }

  private static OnnxMl.ValueInfoProto value(String name, int type, long[] dims) {
    OnnxMl.TensorShapeProto.Builder shape = OnnxMl.TensorShapeProto.newBuilder();
    for (long d : dims) {
      shape.addDim(OnnxMl.TensorShapeProto.Dimension.newBuilder().setDimValue(d));
    }
    return OnnxMl.ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            OnnxMl.TypeProto.newBuilder()
                .setTensorType(
                    OnnxMl.TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }
}
