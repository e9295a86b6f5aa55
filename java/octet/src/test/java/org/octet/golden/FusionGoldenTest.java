package org.octet.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.ConvTranspose2d;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.Fusion;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.Tensor;

/** Fusing two or three layers of a Sequential. */
class FusionGoldenTest {
  @TestFactory
  Stream<DynamicTest> fuseModules() {
    return GoldenGroup.tests("fuse_modules", FusionGoldenTest::check);
  }

  private static void check(GoldenCase c) {
    Map<String, Tensor> state = GoldenCase.state(c.inputs().getAsJsonObject("float_state_dict"));
    FloatTensor x = c.floatIn("x");
    Module model = model(c, state, x.shape(), GoldenCase.shape(c.outputs().get("y_before")));
    model.loadStateDict(state);
    model.eval();
    Expect.floats("y_before", c.outputs().get("y_before"), model.forward(x), c.tolerance());

    Module fused = Fusion.fuse(model, List.of(new ArrayList<>(model.namedChildren().keySet())));
    List<String> types = new ArrayList<>();
    fused.namedChildren().values().forEach(m -> types.add(m.getClass().getSimpleName()));
    List<String> expected = new ArrayList<>();
    JsonArray remaining = c.params().getAsJsonArray("remaining_types");
    remaining.forEach(e -> expected.add(e.getAsString()));
    assertEquals(expected, types, "types");
    assertEquals(c.paramString("fused_type", ""), types.get(0), "fused_type");
    JsonObject fusedState = c.outputs().getAsJsonObject("fused_state_dict");
    Expect.state("fused_state_dict", fusedState, fused.stateDict(), c.tolerance());
    Expect.floats("y_after", c.outputs().get("y_after"), fused.forward(x), c.tolerance());

    // The model itself is as it was.
    Expect.state(
        "state of the model",
        c.inputs().getAsJsonObject("float_state_dict"),
        model.stateDict(),
        Tolerance.EXACT);
  }

  /**
   * The layers that an op such as "fuse_conv2d_bn_relu" names, with the shapes of the recorded
   * state.
   */
  private static Module model(GoldenCase c, Map<String, Tensor> state, Shape in, int[] out) {
    List<Module> layers = new ArrayList<>();
    String before = "";
    for (String name : c.op().replaceFirst("^fuse_", "").split("_")) {
      Tensor weight = state.get(layers.size() + ".weight");
      boolean bias = state.containsKey(layers.size() + ".bias");
      switch (name) {
        case "conv1d" -> {
          int k = weight.size(2);
          layers.add(
              new Conv1d(
                  weight.size(1),
                  weight.size(0),
                  ConvGeometry.line(k, 1, padding(in, out, k), 1, 1),
                  bias));
        }
        case "conv2d" -> {
          int k = weight.size(3);
          ConvGeometry g = ConvGeometry.square(k, 1, padding(in, out, k), 1, 1);
          layers.add(new Conv2d(weight.size(1), weight.size(0), g, bias));
        }
        case "conv3d" -> {
          int k = weight.size(4);
          ConvGeometry g = ConvGeometry.cube(k, 1, padding(in, out, k), 1, 1);
          layers.add(new Conv3d(weight.size(1), weight.size(0), g, bias));
        }
        case "convT2d" -> {
          // The kernel is 2, the input 4 and the output 5 wide: stride 1, no padding.
          layers.add(
              new ConvTranspose2d(
                  weight.size(0), weight.size(1), weight.size(3), 1, 0, 0, 1, bias, 1));
        }
        case "linear" -> layers.add(new Linear(weight.size(1), weight.size(0), bias));
        case "bn" -> {
          int n = weight.size(0);
          layers.add(
              switch (before.startsWith("linear") ? 2 : in.rank()) {
                case 4 -> new BatchNorm2d(n);
                case 5 -> new BatchNorm3d(n);
                default -> new BatchNorm1d(n);
              });
        }
        case "relu", "relu2d", "relu3d" -> layers.add(new ReLU());
        default -> GoldenGroup.unknownOp(c);
      }
      before = name;
    }
    return new Sequential(layers.toArray(new Module[0]));
  }

  /** Strides are 1, so the widths tell the padding. */
  private static int padding(Shape in, int[] out, int kernel) {
    return (out[out.length - 1] - in.dim(-1) + kernel - 1) / 2;
  }
}
