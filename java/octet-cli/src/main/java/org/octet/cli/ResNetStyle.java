package org.octet.cli;

import java.util.ArrayList;
import java.util.List;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.quantization.analysis.CrossLayerEqualization.Pair;
import org.octet.tensor.Tensor;

/**
 * A residual network as ResNet-18's, small: a stem and four basic blocks of 16, 32, 64 and 128
 * channels; 28x28 grey images, 10 classes, about 300,000 parameters and 3.5 million
 * multiply-accumulates an image.
 */
final class ResNetStyle extends Module {
  private static final int[] CHANNELS = {16, 32, 64, 128};

  private final Key quant = child("quant", new QuantStub());
  private final Key stem = child("stem", convBn(1, CHANNELS[0], 3, 2, true));
  private final Key blocks = child("blocks", blocks());
  private final Key pool = child("pool", new AdaptiveAvgPool2d(1));
  private final Key flatten = child("flatten", new Flatten());
  private final Key classifier =
      child("classifier", new Linear(CHANNELS[CHANNELS.length - 1], DemoModel.CLASSES));
  private final Key dequant = child("dequant", new DeQuantStub());

  private static Sequential blocks() {
    List<Module> list = new ArrayList<>();
    int in = CHANNELS[0];
    for (int out : CHANNELS) {
      list.add(new Block(in, out, out == in ? 1 : 2));
      in = out;
    }
    return new Sequential(list.toArray(Module[]::new));
  }

  /** Convolution and batch normalisation, with or without ReLU. */
  static Sequential convBn(int in, int out, int kernel, int stride, boolean relu) {
    return convBn(in, out, ConvGeometry.square(kernel, stride, kernel / 2, 1, 1), relu);
  }

  /** Convolution and batch normalisation, with or without ReLU. */
  static Sequential convBn(int in, int out, ConvGeometry geometry, boolean relu) {
    Conv2d conv = new Conv2d(in, out, geometry, false);
    return relu
        ? new Sequential(conv, new BatchNorm2d(out), new ReLU())
        : new Sequential(conv, new BatchNorm2d(out));
  }

  /** The neighbouring layers of the fused network that equalization may change together. */
  static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < CHANNELS.length; i++) {
      pairs.add(new Pair("blocks." + i + ".conv1.0", "blocks." + i + ".conv2.0"));
    }
    return pairs;
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor x = run(blocks, run(stem, run(quant, in[0])));
    return run(dequant, run(classifier, run(flatten, run(pool, x))));
  }

  /** Two 3x3 convolutions and a shortcut, added, then ReLU. */
  private static final class Block extends Module {
    private final Key conv1;
    private final Key conv2;
    private final Key shortcut;
    private final Key add = child("add", new FloatFunctional());

    Block(int in, int out, int stride) {
      conv1 = child("conv1", convBn(in, out, 3, stride, true));
      conv2 = child("conv2", convBn(out, out, 3, 1, false));
      shortcut =
          in == out && stride == 1 ? null : child("shortcut", convBn(in, out, 1, stride, false));
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = run(conv2, run(conv1, in[0]));
      return functional(add).addRelu(y, shortcut == null ? in[0] : run(shortcut, in[0]));
    }
  }
}
