package org.octet.nn.qat;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.octet.autograd.Tape;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Identity;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.nn.intrinsic.qat.FoldsBatchNorm;
import org.octet.nn.intrinsic.qat.QatConvBn1d;
import org.octet.nn.intrinsic.qat.QatConvBn2d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU2d;
import org.octet.nn.intrinsic.qat.QatLinearBn1d;
import org.octet.ops.BinaryOp;
import org.octet.ops.SumOp;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Tensor;

/**
 * Without rounding, folding batch normalisation into the weight changes neither results nor
 * gradients nor statistics.
 */
class FoldedBatchNormTest {
  private static FloatTensor random(Random r, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) r.nextGaussian();
    }
    t.copyFrom(v);
    return t;
  }

  /** Scales, shifts and statistics that are not those of the start. */
  private static void randomize(Random r, Module bn) {
    Map<String, Tensor> s = bn.stateDict();
    ((FloatTensor) s.get("bias")).copyFrom(random(r, s.get("bias").size(0)));
    ((FloatTensor) s.get("running_mean")).copyFrom(random(r, s.get("bias").size(0)));
    for (String name : List.of("weight", "running_var")) {
      float[] v = random(r, s.get(name).size(0)).toArray();
      for (int i = 0; i < v.length; i++) {
        v[i] = 0.5f + Math.abs(v[i]);
      }
      ((FloatTensor) s.get(name)).copyFrom(v);
    }
  }

  private record Pair(Sequential plain, Module folded, FloatTensor x) {}

  /** A layer with batch normalisation, and its folded form with copies of the same parameters. */
  private static Pair pair(String kind, Random r) {
    Sequential plain;
    FloatTensor x;
    switch (kind) {
      case "conv1d" -> {
        plain = new Sequential(new Conv1d(3, 4, 3), new BatchNorm1d(4));
        x = random(r, 5, 3, 8);
      }
      case "conv2d" -> {
        plain =
            new Sequential(new Conv2d(4, 6, 3, 1, 1, 1, 2, r.nextBoolean()), new BatchNorm2d(6));
        x = random(r, 3, 4, 5, 5);
      }
      case "conv2d relu" -> {
        plain = new Sequential(new Conv2d(2, 3, 3), new BatchNorm2d(3), new ReLU());
        x = random(r, 3, 2, 5, 5);
      }
      default -> {
        plain = new Sequential(new Linear(5, 4), new BatchNorm1d(4));
        x = random(r, 6, 5);
      }
    }
    randomize(r, plain.get(1));
    Sequential copy = (Sequential) plain.copy();
    Module folded =
        switch (kind) {
          case "conv1d" ->
              new QatConvBn1d((Conv1d) copy.get(0), (BatchNorm1d) copy.get(1), new Identity());
          case "conv2d" ->
              new QatConvBn2d((Conv2d) copy.get(0), (BatchNorm2d) copy.get(1), new Identity());
          case "conv2d relu" ->
              new QatConvBnReLU2d((Conv2d) copy.get(0), (BatchNorm2d) copy.get(1), new Identity());
          default ->
              new QatLinearBn1d((Linear) copy.get(0), (BatchNorm1d) copy.get(1), new Identity());
        };
    return new Pair(plain, folded, x);
  }

  @Property(tries = 40)
  void trainsAsTheTwoModulesDo(@ForAll long seed, @ForAll boolean slow, @ForAll boolean frozen) {
    Random r = new Random(seed);
    for (String kind : List.of("conv1d", "conv2d", "conv2d relu", "linear")) {
      Pair p = pair(kind, r);
      ((FoldsBatchNorm) p.folded).setSlowPath(slow);
      if (frozen) {
        p.plain.get(1).eval();
        p.folded.apply(FoldsBatchNorm::freezeBnStats);
      }
      FloatTensor x2 = p.x.copy();
      FloatTensor weights = random(r, p.plain.copy().eval().forward(p.x).shape().dims());
      float[] expected = run(p.plain, p.x, weights);
      assertClose(kind + " y", expected, run(p.folded, x2, weights));
      assertClose(kind + " dx", p.x.grad().toArray(), x2.grad().toArray());
      Map<String, String> names =
          Map.of(
              "0.weight", "weight", "0.bias", "bias", "1.weight", "bn.weight", "1.bias", "bn.bias");
      Map<String, FloatTensor> grads = p.folded.namedParameters();
      p.plain
          .namedParameters()
          .forEach(
              (name, t) ->
                  assertClose(
                      kind + " d" + name,
                      t.grad().toArray(),
                      gradient(grads.get(names.get(name)))));
      for (String s : List.of("running_mean", "running_var")) {
        assertClose(kind + " " + s, floats(p.plain, "1." + s), floats(p.folded, "bn." + s));
      }
      assertClose(
          kind + " eval",
          ((FloatTensor) p.plain.eval().forward(p.x)).toArray(),
          ((FloatTensor) p.folded.eval().forward(p.x)).toArray());
    }
  }

  /**
   * The slow path does not use a bias in front of the batch's own mean, which takes it out again.
   */
  private static float[] gradient(FloatTensor t) {
    return t.grad() == null ? new float[(int) t.numel()] : t.grad().toArray();
  }

  private static float[] floats(Module m, String name) {
    return ((FloatTensor) m.stateDict().get(name)).toArray();
  }

  private static float[] run(Module m, FloatTensor x, FloatTensor weights) {
    x.requiresGrad(true);
    x.setGrad(null);
    try (Tape tape = Tape.record()) {
      Tensor y = m.forward(x);
      tape.backward(SumOp.SUM.apply(BinaryOp.MUL.apply(y, weights)));
      return ((FloatTensor) y).toArray();
    }
  }

  /**
   * A bias in front of batch normalisation has gradient 0, so errors are measured against the
   * largest number or 1.
   */
  private static void assertClose(String what, float[] expected, float[] actual) {
    float scale = 1;
    for (float e : expected) {
      scale = Math.max(scale, Math.abs(e));
    }
    assertArrayEquals(expected, actual, 2e-4f * scale, what);
  }

  @Test
  void aZeroScaleNeedsTheSlowPath() {
    Random r = new Random(2);
    Pair p = pair("conv2d", r);
    FloatTensor gamma = ((FoldsBatchNorm) p.folded).bn().weight();
    gamma.set(0f, 1);
    FloatTensor weights = random(r, 3, 6, 5, 5);
    assertTrue(anyNaN(run(p.folded, p.x, weights)), "the fast path divides by 0");
    ((FoldsBatchNorm) p.folded).bn().runningMean().fill(0f);
    ((FoldsBatchNorm) p.folded).bn().runningVar().fill(1f);
    p.folded.namedParameters().values().forEach(t -> t.setGrad(null));
    ((FoldsBatchNorm) p.folded).setSlowPath(true);
    FloatTensor y = FloatTensor.of(run(p.folded, p.x, weights), 3, 6, 5, 5);
    assertFalse(anyNaN(y.toArray()));
    p.folded.namedParameters().forEach((name, t) -> assertFalse(anyNaN(gradient(t)), name));
    assertNotEquals(0f, gamma.grad().get(1), "a zero scale can grow again");
    assertEquals(
        ((FoldsBatchNorm) p.folded).bn().bias().get(1),
        y.get(2, 1, 3, 3),
        1e-6f,
        "only the shift is left");
    assertFalse(
        anyNaN(((FloatTensor) p.folded.eval().forward(p.x)).toArray()), "in evaluation too");
  }

  private static boolean anyNaN(float[] v) {
    for (float f : v) {
      if (Float.isNaN(f)) {
        return true;
      }
    }
    return false;
  }

  @Test
  void frozenStatisticsSurviveTrain() {
    Pair p = pair("conv2d", new Random(4));
    Module folded = p.folded;
    folded.apply(FoldsBatchNorm::freezeBnStats);
    folded.eval().train();
    assertTrue(folded.isTraining());
    assertFalse(((FoldsBatchNorm) folded).bn().isTraining());
    float[] before = floats(folded, "bn.running_mean");
    folded.forward(p.x);
    assertArrayEquals(before, floats(folded, "bn.running_mean"));
    Module copy = folded.copy().train();
    assertFalse(((FoldsBatchNorm) copy).bn().isTraining(), "a copy stays frozen");
    folded.apply(FoldsBatchNorm::updateBnStats);
    folded.forward(p.x);
    assertNotEquals(before[0], floats(folded, "bn.running_mean")[0]);
  }

  @Test
  void refusesWhatCannotBeFolded() {
    assertThrows(
        OctetException.class,
        () -> new QatConvBn2d(new Conv2d(1, 2, 1), new BatchNorm2d(3), new Identity()));
    assertThrows(
        OctetException.class,
        () ->
            new QatConvBn2d(
                new Conv2d(1, 2, 1), new BatchNorm2d(2, 1e-5, 0.1, false), new Identity()));
  }
}
