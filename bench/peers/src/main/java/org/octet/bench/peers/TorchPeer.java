package org.octet.bench.peers;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongList;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * PyTorch's quantized operators with the engine X86, called through its dispatcher; as in PyTorch
 * each call makes its output. That engine wants activations of 7 bits, which is its default too:
 * its depthwise kernels add in 16 bits and saturate with 8.
 */
final class TorchPeer implements Peer {
  /** Zero point of 7 bit activations. */
  static final int X_ZERO = 64;

  private static final AutoGradMode NO_GRADIENTS = start();

  private final String name;
  private final OperatorHandle operator;
  private final IValueVector arguments;
  private final IValueVector stack = new IValueVector();

  private TorchPeer(String name, OperatorHandle operator, IValue... arguments) {
    this.name = name;
    this.operator = operator;
    this.arguments = new IValueVector(arguments);
  }

  private static AutoGradMode start() {
    torch.set_num_threads(1);
    torch.globalContext().setQEngine(torch.QEngine.X86);
    return new AutoGradMode(false);
  }

  /** quantized::linear; codes of 7 bits. */
  static TorchPeer linear(Operands o) {
    return new TorchPeer(
        "torch",
        operator("quantized::linear", ""),
        new IValue(quantizedInput(o, o.rows(), o.k())),
        packedLinear(o),
        new IValue((double) o.yScale()),
        new IValue((long) Operands.Y_ZERO));
  }

  /** quantized::linear_dynamic, the whole range of codes. */
  static TorchPeer dynamic(Operands o) {
    return new TorchPeer(
        "torch",
        operator("quantized::linear_dynamic", ""),
        new IValue(AbstractTensor.create(o.xFloat(), o.rows(), o.k())),
        packedLinear(o),
        new IValue(false));
  }

  /** aten::linear. */
  static TorchPeer fp32(Operands o) {
    return new TorchPeer(
        "torchFp32",
        operator("aten::linear", ""),
        new IValue(AbstractTensor.create(o.xFloat(), o.rows(), o.k())),
        new IValue(AbstractTensor.create(o.wFloat(), o.n(), o.k())),
        new IValue(AbstractTensor.create(o.bias(), o.n())));
  }

  /** quantized::conv2d, channels last; codes of 7 bits. */
  static TorchPeer conv(Operands o) {
    Operands.Conv c = o.conv();
    Tensor x = quantizedInput(o, 1, c.size(), c.size(), c.in()).permute(0, 3, 1, 2);
    IValue packed =
        call(
            operator("quantized::conv2d_prepack", ""),
            new IValue(
                quantizedWeights(o, c.out(), c.in() / c.groups(), c.kernel(), c.kernel())
                    .contiguous(torch.MemoryFormat.ChannelsLast)),
            new IValue(AbstractTensor.create(o.bias(), o.n())),
            list(c.stride(), c.stride()),
            list(c.pad(), c.pad()),
            list(1, 1),
            new IValue((long) c.groups()));
    return new TorchPeer(
        "torch",
        operator("quantized::conv2d", "new"),
        new IValue(x),
        packed,
        new IValue((double) o.yScale()),
        new IValue((long) Operands.Y_ZERO));
  }

  private static IValue packedLinear(Operands o) {
    return call(
        operator("quantized::linear_prepack", ""),
        new IValue(quantizedWeights(o, o.n(), o.k())),
        new IValue(AbstractTensor.create(o.bias(), o.n())));
  }

  private static OperatorHandle operator(String operator, String overload) {
    return Dispatcher.singleton().findSchemaOrThrow(operator, overload);
  }

  private static IValue call(OperatorHandle operator, IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    operator.callBoxed(stack);
    return new IValue(stack.get(0));
  }

  private static IValue list(long... values) {
    GenericList list = new GenericList(new LongList(values).elementType());
    for (long v : values) {
      list.push_back(new IValue(v));
    }
    return new IValue(list);
  }

  private static Tensor quantizedInput(Operands o, long... dims) {
    float[] values = new float[o.x().length];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((o.x()[i] & 0xff) - X_ZERO) * o.xScale();
    }
    return torch.quantize_per_tensor(
        AbstractTensor.create(values, dims), o.xScale(), X_ZERO, torch.ScalarType.QUInt8);
  }

  private static Tensor quantizedWeights(Operands o, long... dims) {
    double[] scales = new double[o.n()];
    for (int i = 0; i < scales.length; i++) {
      scales[i] = o.wScales()[i];
    }
    return torch.quantize_per_channel(
        AbstractTensor.create(o.wFloat(), dims),
        AbstractTensor.create(scales, o.n()),
        AbstractTensor.create(new long[o.n()], o.n()),
        0,
        torch.ScalarType.QInt8);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void run() {
    stack.put(arguments);
    operator.callBoxed(stack);
  }

  @Override
  public float[] output() {
    Tensor y = stack.get(0).toTensor();
    y = y.dim() == 4 ? y.permute(0, 2, 3, 1) : y;
    float[] out = new float[(int) y.numel()];
    if (!y.is_quantized()) {
      new FloatPointer(y.contiguous().data_ptr()).get(out);
      return out;
    }
    byte[] codes = new byte[out.length];
    new BytePointer(y.int_repr().contiguous().data_ptr()).get(codes);
    for (int i = 0; i < codes.length; i++) {
      out[i] = codes[i] & 0xff;
    }
    return out;
  }

  @Override
  public void close() {
    stack.close();
    arguments.close();
  }
}
