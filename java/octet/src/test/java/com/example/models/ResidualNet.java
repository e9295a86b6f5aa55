package com.example.models;

import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.tensor.Tensor;

/**
 * Two inputs [N, 3, 8, 8] and [N, 2, 8, 8] to [N, 4]: a residual add and a cat through
 * FloatFunctional, a nested block, and one convolution that serves two places.
 */
public class ResidualNet extends Module {
  /** conv - bn - relu - conv - bn, added to the input, then a ReLU. */
  public static class Block extends Module {
    private final Key conv1;
    private final Key bn1;
    private final Key relu1 = child("relu1", new ReLU());
    private final Key conv2;
    private final Key bn2;
    private final Key skip = child("skip", new FloatFunctional());

    public Block(int channels) {
      conv1 = child("conv1", new Conv2d(channels, channels, 3, 1, 1, 1, 1, false));
      bn1 = child("bn1", new BatchNorm2d(channels));
      conv2 = child("conv2", new Conv2d(channels, channels, 3, 1, 1, 1, channels, false));
      bn2 = child("bn2", new BatchNorm2d(channels));
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = run(relu1, run(bn1, run(conv1, in[0])));
      return functional(skip).addRelu(run(bn2, run(conv2, y)), in[0]);
    }
  }

  private final Key quant1 = child("quant1", new QuantStub());
  private final Key quant2 = child("quant2", new QuantStub());
  private final Key left = child("left", new Conv2d(3, 4, 1));
  private final Key right = child("right", new Conv2d(2, 4, 1));
  private final Key relu = child("relu", new ReLU());
  private final Key block = child("block", new Block(8));
  private final Key join = child("join", new FloatFunctional());
  private final Key shared;
  private final Key sharedAgain;
  private final Key pool = child("pool", new MaxPool2d(2));
  private final Key average = child("average", new AdaptiveAvgPool2d(2));
  private final Key flatten = child("flatten", new Flatten());
  private final Key fc1 = child("fc1", new Linear(32, 16));
  private final Key relu2 = child("relu2", new ReLU());
  private final Key fc2 = child("fc2", new Linear(16, 4));
  private final Key dequant = child("dequant", new DeQuantStub());

  public ResidualNet() {
    Conv2d one = new Conv2d(8, 8, 3, 1, 1);
    shared = child("shared", one);
    sharedAgain = child("sharedAgain", one);
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor a = run(relu, run(left, run(quant1, in[0])));
    Tensor b = run(relu, run(right, run(quant2, in[1])));
    Tensor x = run(block, functional(join).cat(1, a, b));
    x = run(sharedAgain, run(shared, x));
    x = run(flatten, run(average, run(pool, x)));
    return run(dequant, run(fc2, run(relu2, run(fc1, x))));
  }
}
