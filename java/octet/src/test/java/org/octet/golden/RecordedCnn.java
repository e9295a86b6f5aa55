package org.octet.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Linear;
import org.octet.nn.MaxPool2d;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.quantized.FloatFunctional;
import org.octet.ops.FlattenOp;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.tensor.Tensor;

/**
 * The model of group workflow_ptq_static: quant; conv1-bn1-relu1; dw-bn2-relu2 (depthwise); pw-bn3
 * (1x1); add of the result of relu1; pool; gap; flatten; fc1-relu3; fc2; dequant. Copies share the
 * list of what they computed.
 */
final class RecordedCnn extends Module {
  /** What a child returned. */
  record Step(String path, Tensor output) {}

  private final List<Step> recorded = new ArrayList<>();

  private final Key quant = child("quant", new QuantStub());
  private final Key conv1;
  private final Key bn1;
  private final Key relu1 = child("relu1", new ReLU());
  private final Key dw;
  private final Key bn2;
  private final Key relu2 = child("relu2", new ReLU());
  private final Key pw;
  private final Key bn3;
  private final Key add = child("add", new FloatFunctional());
  private final Key pool = child("pool", new MaxPool2d(2));
  private final Key gap = child("gap", new AdaptiveAvgPool2d(2));
  private final Key fc1;
  private final Key relu3 = child("relu3", new ReLU());
  private final Key fc2;
  private final Key dequant = child("dequant", new DeQuantStub());

  /** A model of the shapes of a state dict. */
  RecordedCnn(Map<String, Tensor> state) {
    conv1 = child("conv1", conv(state, "conv1", 1));
    int channels = state.get("conv1.weight").size(0);
    bn1 = child("bn1", new BatchNorm2d(channels));
    dw = child("dw", conv(state, "dw", channels));
    bn2 = child("bn2", new BatchNorm2d(channels));
    pw = child("pw", conv(state, "pw", 1));
    bn3 = child("bn3", new BatchNorm2d(state.get("pw.weight").size(0)));
    fc1 = child("fc1", linear(state, "fc1"));
    fc2 = child("fc2", linear(state, "fc2"));
  }

  /** Padding keeps the size. */
  private static Conv2d conv(Map<String, Tensor> state, String name, int groups) {
    Tensor w = state.get(name + ".weight");
    int kernel = w.size(3);
    boolean bias = state.containsKey(name + ".bias");
    return new Conv2d(w.size(1) * groups, w.size(0), kernel, 1, kernel / 2, 1, groups, bias);
  }

  private static Linear linear(Map<String, Tensor> state, String name) {
    Tensor w = state.get(name + ".weight");
    return new Linear(w.size(1), w.size(0), state.containsKey(name + ".bias"));
  }

  List<Step> recorded() {
    return recorded;
  }

  private Tensor step(Key key, Tensor x) {
    return record(key.name(), run(key, x));
  }

  private Tensor record(String path, Tensor y) {
    recorded.add(new Step(path, y));
    return y;
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor skip = step(relu1, step(bn1, step(conv1, step(quant, in[0]))));
    Tensor y = step(bn3, step(pw, step(relu2, step(bn2, step(dw, skip)))));
    y = record("add." + ACTIVATION_POST_PROCESS, functional(add).add(skip, y));
    y = new FlattenOp(1, -1).apply(step(gap, step(pool, y)));
    return step(dequant, step(fc2, step(relu3, step(fc1, y))));
  }
}
