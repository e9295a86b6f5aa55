package org.octet.ops;

import java.util.Map;
import org.octet.backend.Attributes;
import org.octet.backend.OpKind;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/**
 * Sum or product of two float tensors, then a clamp. Shapes broadcast as in numpy: the smaller
 * operand is expanded in memory first. In a Program both operands must have the same shape.
 */
public final class BinaryOp extends Op {
  /** a + b. */
  public static final BinaryOp ADD = new BinaryOp("add", 0, Activation.NONE);

  /** max(a + b, 0). */
  public static final BinaryOp ADD_RELU = new BinaryOp("add", 0, Activation.RELU);

  /** a * b. */
  public static final BinaryOp MUL = new BinaryOp("mul", 1, Activation.NONE);

  /** max(a * b, 0). */
  public static final BinaryOp MUL_RELU = new BinaryOp("mul", 1, Activation.RELU);

  private final String name;
  private final int function;
  private final Activation activation;

  private BinaryOp(String name, int function, Activation activation) {
    this.name = name;
    this.function = function;
    this.activation = activation;
  }

  @Override
  public String name() {
    return name;
  }

  /** The clamp after the sum or product. */
  public Activation activation() {
    return activation;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("activation", activation);
  }

  @Override
  public Tensor[] infer(Tensor... in) {
    Checks.floatInput(name, in[0]);
    Checks.floatInput(name, in[1]);
    Checks.notEmpty(name, in[0]);
    Checks.notEmpty(name, in[1]);
    Shape shape = ExpandOp.broadcast(name, in[0].shape(), in[1].shape());
    // The operand that has the full shape decides the order in memory.
    MemoryFormat format =
        in[0].shape().equals(shape)
            ? in[0].format()
            : in[1].shape().equals(shape) ? in[1].format() : MemoryFormat.CONTIGUOUS;
    return new Tensor[] {FloatTensor.ofSpec(shape, format)};
  }

  @Override
  public Lowering lower(Tensor... in) {
    if (!in[0].shape().equals(in[1].shape())) {
      throw new OctetException(
          "Op "
              + name
              + " got shapes "
              + in[0].shape()
              + " and "
              + in[1].shape()
              + "; a Program does not broadcast. Expand the smaller one before.");
    }
    return Lowering.of(
        OpKind.BINARY_F32,
        Attributes.builder().ints(function).floats(activation.lo(), activation.hi()).build(),
        (int) in[0].numel());
  }

  @Override
  public Tensor[] execute(ExecutionContext context, Tensor... in) {
    if (in[0].shape().equals(in[1].shape())) {
      return context.recording() ? train(in) : super.execute(context, in);
    }
    Tensor out = infer(in)[0];
    ExpandOp expand = new ExpandOp(out.shape(), out.format());
    Tensor a = in[0].shape().equals(out.shape()) ? in[0] : expand.execute(context, in[0])[0];
    Tensor b = in[1].shape().equals(out.shape()) ? in[1] : expand.execute(context, in[1])[0];
    try {
      return context.recording() ? train(a, b) : super.execute(context, a, b);
    } finally {
      if (a != in[0]) {
        a.close();
      }
      if (b != in[1]) {
        b.close();
      }
    }
  }

  private Tensor[] train(Tensor... in) {
    infer(in);
    FloatTensor a = Rows.dense(in[0], in[0].format());
    FloatTensor b = Rows.dense(in[1], a.format());
    FloatTensor y = FloatTensor.empty(a.shape(), a.format());
    Pointwise sum = function == 0 ? Pointwise.ADD : Pointwise.MUL;
    Rows.map(
        y,
        1,
        (x, out, n) -> {
          sum.loop(x[0], x[1], out, n);
          if (activation == Activation.RELU) {
            for (int i = 0; i < n; i++) {
              out[i] = Math.max(out[i], 0f);
            }
          }
        },
        a,
        b);
    return new Tensor[] {y};
  }

  @Override
  public Tensor[] gradient(Tensor[] in, Tensor[] outputs, Tensor[] grads) {
    Tensor g = UnaryGradOp.throughActivation(activation, grads[0], outputs[0]);
    Tensor[] result = new Tensor[2];
    for (int i = 0; i < 2; i++) {
      if (Interpreter.current().needsGradient(in[i])) {
        Tensor d = function == 0 ? g : MUL.apply(g, in[1 - i]);
        result[i] = d.shape().equals(in[i].shape()) ? d : new SumToOp(in[i].shape()).apply(d);
      }
    }
    return result;
  }
}
