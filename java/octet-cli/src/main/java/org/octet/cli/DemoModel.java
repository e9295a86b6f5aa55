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
import org.octet.ops.ConvGeometry;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.tensor.Tensor;

/**
 * The demo's network: a convolution, then depthwise-separable blocks, as in MobileNet; 28x28 grey
 * images, 10 classes, about 2 million multiply-accumulates an image.
 */
final class DemoModel extends Module {
  static final int CLASSES = 10;
  static final int SIZE = 28;

  private final Key quant = child("quant", new QuantStub());
  private final Key features = child("features", features());
  private final Key pool = child("pool", new AdaptiveAvgPool2d(1));
  private final Key flatten = child("flatten", new Flatten());
  private final Key hidden = child("hidden", new Sequential(new Linear(128, 64), new ReLU()));
  private final Key classifier = child("classifier", new Linear(64, CLASSES));
  private final Key dequant = child("dequant", new DeQuantStub());

  private static Sequential features() {
    List<Module> blocks = new ArrayList<>();
    blocks.add(block(1, 16, ConvGeometry.square(3, 1, 1, 1, 1)));
    separable(blocks, 16, 32, 2);
    separable(blocks, 32, 64, 1);
    separable(blocks, 64, 128, 2);
    separable(blocks, 128, 128, 1);
    return new Sequential(blocks.toArray(Module[]::new));
  }

  private static void separable(List<Module> blocks, int in, int out, int stride) {
    blocks.add(block(in, in, ConvGeometry.square(3, stride, 1, 1, in)));
    blocks.add(block(in, out, ConvGeometry.square(1, 1, 0, 1, 1)));
  }

  private static Sequential block(int in, int out, ConvGeometry geometry) {
    return new Sequential(new Conv2d(in, out, geometry, false), new BatchNorm2d(out), new ReLU());
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor x = run(features, run(quant, in[0]));
    x = run(flatten, run(pool, x));
    x = run(classifier, run(hidden, x));
    return run(dequant, x);
  }
}
