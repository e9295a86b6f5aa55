package org.octet.cli;

import java.util.ArrayList;
import java.util.List;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.Flatten;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.Sequential;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.quantization.analysis.CrossLayerEqualization.Pair;
import org.octet.tensor.Tensor;

/**
 * A network as MobileNetV2's, small: inverted residuals with depthwise convolutions and linear
 * bottlenecks; 28x28 grey images, 10 classes, about 40,000 parameters and 1.4 million
 * multiply-accumulates an image. ReLU stands where the original has ReLU6, which cross layer
 * equalization cannot pass.
 */
final class MobileNetStyle extends Module {
  /** Input channels, expanded channels, output channels, stride. */
  private static final int[][] BLOCKS = {
    {16, 48, 16, 1}, {16, 64, 24, 2}, {24, 96, 24, 1}, {24, 96, 40, 2}, {40, 160, 40, 1}
  };

  private static final int HEAD = 128;

  private final Key quant = child("quant", new QuantStub());
  private final Key stem = child("stem", ResNetStyle.convBn(1, BLOCKS[0][0], 3, 2, true));
  private final Key blocks = child("blocks", blocks());
  private final Key head =
      child("head", ResNetStyle.convBn(BLOCKS[BLOCKS.length - 1][2], HEAD, 1, 1, true));
  private final Key pool = child("pool", new AdaptiveAvgPool2d(1));
  private final Key flatten = child("flatten", new Flatten());
  private final Key classifier = child("classifier", new Linear(HEAD, DemoModel.CLASSES));
  private final Key dequant = child("dequant", new DeQuantStub());

  private static Sequential blocks() {
    List<Module> list = new ArrayList<>();
    for (int[] b : BLOCKS) {
      list.add(new InvertedResidual(b[0], b[1], b[2], b[3]));
    }
    return new Sequential(list.toArray(Module[]::new));
  }

  /** The neighbouring layers of the fused network that equalization may change together. */
  static List<Pair> pairs() {
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < BLOCKS.length; i++) {
      String block = "blocks." + i + ".";
      pairs.add(new Pair(block + "expand.0", block + "depthwise.0"));
      pairs.add(new Pair(block + "depthwise.0", block + "project.0"));
    }
    return pairs;
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor x = run(head, run(blocks, run(stem, run(quant, in[0]))));
    return run(dequant, run(classifier, run(flatten, run(pool, x))));
  }

  /** Expand, depthwise, project; added to the input where the shapes allow. */
  private static final class InvertedResidual extends Module {
    private final Key expand;
    private final Key depthwise;
    private final Key project;
    private final Key add;

    InvertedResidual(int in, int hidden, int out, int stride) {
      expand = child("expand", ResNetStyle.convBn(in, hidden, 1, 1, true));
      depthwise =
          child(
              "depthwise",
              ResNetStyle.convBn(
                  hidden, hidden, ConvGeometry.square(3, stride, 1, 1, hidden), true));
      project = child("project", ResNetStyle.convBn(hidden, out, 1, 1, false));
      add = in == out && stride == 1 ? child("add", new FloatFunctional()) : null;
    }

    @Override
    public Tensor forward(Tensor... in) {
      Tensor y = run(project, run(depthwise, run(expand, in[0])));
      return add == null ? y : functional(add).add(in[0], y);
    }
  }
}
