package org.octet.golden;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.ops.FlattenOp;
import org.octet.quantization.DeQuantStub;
import org.octet.quantization.QuantStub;
import org.octet.tensor.Tensor;

/**
 * The model of group workflow_qat: quant; conv1 (3x3, padding 1)-bn1-relu1; conv2 (3x3, stride
 * 2)-bn2; mean over height and width; fc; dequant. Copies share the list of what they computed.
 */
final class RecordedQatCnn extends Module {
  private final List<RecordedCnn.Step> recorded = new ArrayList<>();

  private final Key quant = child("quant", new QuantStub());
  private final Key conv1;
  private final Key bn1;
  private final Key relu1;
  private final Key conv2;
  private final Key bn2;
  private final Key fc;
  private final Key dequant = child("dequant", new DeQuantStub());
  private final AdaptiveAvgPool2d mean = new AdaptiveAvgPool2d(1);

  /** A model of the shapes of a state dict. */
  RecordedQatCnn(Map<String, Tensor> state) {
    conv1 = child("conv1", conv(state, "conv1", 1, 1));
    bn1 = child("bn1", new BatchNorm2d(state.get("conv1.weight").size(0)));
    relu1 = child("relu1", new ReLU());
    conv2 = child("conv2", conv(state, "conv2", 2, 0));
    bn2 = child("bn2", new BatchNorm2d(state.get("conv2.weight").size(0)));
    Tensor w = state.get("fc.weight");
    fc = child("fc", new Linear(w.size(1), w.size(0)));
  }

  private static Conv2d conv(Map<String, Tensor> state, String name, int stride, int padding) {
    Tensor w = state.get(name + ".weight");
    return new Conv2d(
        w.size(1), w.size(0), w.size(3), stride, padding, 1, 1, state.containsKey(name + ".bias"));
  }

  List<RecordedCnn.Step> recorded() {
    return recorded;
  }

  private Tensor step(Key key, Tensor x) {
    Tensor y = run(key, x);
    recorded.add(new RecordedCnn.Step(key.name(), y));
    return y;
  }

  @Override
  public Tensor forward(Tensor... in) {
    Tensor y = step(relu1, step(bn1, step(conv1, step(quant, in[0]))));
    y = step(bn2, step(conv2, y));
    y = new FlattenOp(1, -1).apply(mean.forward(y));
    return step(dequant, step(fc, y));
  }
}
