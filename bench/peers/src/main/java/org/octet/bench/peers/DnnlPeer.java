package org.octet.bench.peers;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.dnnl_exec_arg_t;
import org.bytedeco.dnnl.dnnl_primitive;
import org.bytedeco.dnnl.dnnl_stream;
import org.bytedeco.dnnl.engine;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.matmul;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.primitive_attr;
import org.bytedeco.dnnl.primitive_desc;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.dnnl.stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;

/**
 * oneDNN: plain activations, weights in the layout that it asks for, scales and zero points given
 * at run time, scratch memory held by the caller.
 */
final class DnnlPeer implements Peer {
  private static final engine ENGINE = new engine(engine.kind.cpu, 0);
  private static final stream STREAM = new stream(ENGINE);

  private final String name;
  private final boolean quantized;
  private final List<memory> memories = new ArrayList<>();
  private final List<Integer> ids = new ArrayList<>();
  private final primitive primitive;
  private final dnnl_primitive handle;
  private final dnnl_stream streamHandle = STREAM.get();
  private final dnnl_exec_arg_t arguments;
  private final int argumentCount;
  private final memory output;
  private final int outputs;

  private DnnlPeer(String name, Operands o, boolean quantized, int xZero) {
    this.name = name;
    this.quantized = quantized;
    this.outputs = o.outputs();
    primitive_attr attr = attributes(quantized, xZero, o);
    memory.data_type activation = quantized ? memory.data_type.u8 : memory.data_type.f32;
    memory.data_type weight = quantized ? memory.data_type.s8 : memory.data_type.f32;
    primitive_desc desc;
    memory.desc src;
    memory.desc plainWeights;
    memory.desc wantedWeights;
    memory.desc dst;
    Operands.Conv c = o.conv();
    if (c == null) {
      long[] wDims = {o.k(), o.n()};
      src = new memory.desc(new long[] {o.rows(), o.k()}, activation, memory.format_tag.ab);
      dst = new memory.desc(new long[] {o.rows(), o.n()}, activation, memory.format_tag.ab);
      memory.desc bias =
          new memory.desc(new long[] {1, o.n()}, memory.data_type.f32, memory.format_tag.ab);
      plainWeights = new memory.desc(wDims, weight, memory.format_tag.ba);
      matmul.primitive_desc d =
          new matmul.primitive_desc(
              ENGINE,
              src,
              new memory.desc(wDims, weight, memory.format_tag.any),
              bias,
              dst,
              attr,
              false);
      desc = d;
      wantedWeights = d.weights_desc();
      argument(dnnl.DNNL_ARG_BIAS, floats(bias, o.bias()));
      primitive = new matmul(d);
    } else {
      long[] one = {c.stride(), c.stride()};
      long[] pad = {c.pad(), c.pad()};
      int g = c.groups();
      int k = c.kernel();
      long[] wDims =
          g == 1
              ? new long[] {c.out(), c.in(), k, k}
              : new long[] {g, c.out() / g, c.in() / g, k, k};
      // Float blocks its channels where that is faster: an inner layer of a network would be so.
      memory.format_tag images = quantized ? memory.format_tag.nhwc : memory.format_tag.any;
      memory.desc wantedSrc =
          new memory.desc(new long[] {1, c.in(), c.size(), c.size()}, activation, images);
      memory.desc wantedDst =
          new memory.desc(new long[] {1, c.out(), c.outSize(), c.outSize()}, activation, images);
      memory.desc bias =
          new memory.desc(new long[] {c.out()}, memory.data_type.f32, memory.format_tag.a);
      plainWeights =
          new memory.desc(wDims, weight, g == 1 ? memory.format_tag.oihw : memory.format_tag.goihw);
      convolution_forward.primitive_desc d =
          new convolution_forward.primitive_desc(
              ENGINE,
              dnnl.prop_kind.forward_inference.value,
              dnnl.algorithm.convolution_direct.value,
              wantedSrc,
              new memory.desc(wDims, weight, memory.format_tag.any),
              bias,
              wantedDst,
              one,
              pad,
              pad,
              attr,
              false);
      desc = d;
      src = d.src_desc();
      dst = d.dst_desc();
      wantedWeights = d.weights_desc();
      argument(dnnl.DNNL_ARG_BIAS, floats(bias, o.bias()));
      primitive = new convolution_forward(d);
    }
    memory x;
    if (c != null && !quantized) {
      memory.desc plain =
          new memory.desc(
              new long[] {1, c.in(), c.size(), c.size()}, activation, memory.format_tag.nhwc);
      x = reordered(floats(plain, o.xFloat()), src);
    } else {
      x = quantized ? bytes(src, o.x()) : floats(src, o.xFloat());
    }
    argument(dnnl.DNNL_ARG_SRC, x);
    memory w = quantized ? bytes(plainWeights, o.w()) : floats(plainWeights, o.wFloat());
    argument(dnnl.DNNL_ARG_WEIGHTS, reordered(w, wantedWeights));
    output = new memory(dst, ENGINE);
    argument(dnnl.DNNL_ARG_DST, output);
    argument(dnnl.DNNL_ARG_SCRATCHPAD, new memory(desc.scratchpad_desc(), ENGINE));
    if (quantized) {
      int scales = dnnl.DNNL_ARG_ATTR_SCALES;
      int zeros = dnnl.DNNL_ARG_ATTR_ZERO_POINTS;
      argument(scales | dnnl.DNNL_ARG_SRC, vector(new float[] {o.xScale()}));
      argument(scales | dnnl.DNNL_ARG_WEIGHTS, vector(o.wScales()));
      argument(scales | dnnl.DNNL_ARG_DST, vector(new float[] {o.yScale()}));
      if (xZero != 0) {
        argument(zeros | dnnl.DNNL_ARG_SRC, scalar(xZero));
      }
      argument(zeros | dnnl.DNNL_ARG_DST, scalar(Operands.Y_ZERO));
    }
    handle = primitive.get();
    argumentCount = ids.size();
    arguments = new dnnl_exec_arg_t(argumentCount);
    for (int i = 0; i < argumentCount; i++) {
      arguments.position(i).arg(ids.get(i)).memory(memories.get(i).get());
    }
    arguments.position(0);
  }

  /** uint8 in, int8 weights, uint8 out. */
  static DnnlPeer int8(String name, Operands o, int xZero) {
    return new DnnlPeer(name, o, true, xZero);
  }

  static DnnlPeer fp32(Operands o) {
    return new DnnlPeer("onednnFp32", o, false, 0);
  }

  private static primitive_attr attributes(boolean quantized, int xZero, Operands o) {
    primitive_attr attr = new primitive_attr();
    attr.set_scratchpad_mode(dnnl.scratchpad_mode.user.value);
    if (quantized) {
      int perChannel = o.conv() == null ? 1 << 1 : o.conv().groups() == 1 ? 1 : 3;
      attr.set_scales_mask(dnnl.DNNL_ARG_SRC, 0);
      attr.set_scales_mask(dnnl.DNNL_ARG_WEIGHTS, perChannel);
      attr.set_scales_mask(dnnl.DNNL_ARG_DST, 0);
      if (xZero != 0) {
        attr.set_zero_points_mask(dnnl.DNNL_ARG_SRC, 0);
      }
      attr.set_zero_points_mask(dnnl.DNNL_ARG_DST, 0);
    }
    return attr;
  }

  private void argument(int id, memory m) {
    ids.add(id);
    memories.add(m);
  }

  private static memory bytes(memory.desc desc, byte[] values) {
    memory m = new memory(desc, ENGINE);
    new BytePointer(m.get_data_handle()).put(values);
    return m;
  }

  private static memory floats(memory.desc desc, float[] values) {
    memory m = new memory(desc, ENGINE);
    new FloatPointer(m.get_data_handle()).put(values);
    return m;
  }

  private static memory vector(float[] values) {
    return floats(
        new memory.desc(new long[] {values.length}, memory.data_type.f32, memory.format_tag.a),
        values);
  }

  private static memory scalar(int value) {
    memory m =
        new memory(
            new memory.desc(new long[] {1}, memory.data_type.s32, memory.format_tag.a), ENGINE);
    new IntPointer(m.get_data_handle()).put(value);
    return m;
  }

  private static memory reordered(memory from, memory.desc to) {
    memory m = new memory(to, ENGINE);
    new reorder(from, m).execute(STREAM, from, m);
    return m;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    int status = dnnl.dnnl_primitive_execute(handle, streamHandle, argumentCount, arguments);
    if (status != 0) {
      throw new IllegalStateException("oneDNN returned status " + status);
    }
  }

  @Override
  public float[] output() {
    float[] out = new float[outputs];
    if (!quantized) {
      memory plain = output;
      if (output.get_desc().get_ndims() == 4) {
        long[] dims = new long[4];
        output.get_desc().get_dims().get(dims);
        plain =
            reordered(output, new memory.desc(dims, memory.data_type.f32, memory.format_tag.nhwc));
      }
      new FloatPointer(plain.get_data_handle()).get(out);
      return out;
    }
    byte[] codes = new byte[outputs];
    new BytePointer(output.get_data_handle()).get(codes);
    for (int i = 0; i < outputs; i++) {
      out[i] = codes[i] & 0xff;
    }
    return out;
  }

  @Override
  public void close() {
    primitive.close();
    memories.forEach(memory::close);
  }
}
