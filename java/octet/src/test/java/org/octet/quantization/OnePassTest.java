package org.octet.quantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.autograd.Tape;
import org.octet.backend.Backends;
import org.octet.nn.CrossEntropyLoss;
import org.octet.ops.ExecutionContext;
import org.octet.ops.Interpreter;
import org.octet.quantization.observer.CalibrationException;
import org.octet.quantization.observer.MinMaxObserver;
import org.octet.quantization.observer.MinMaxStatistics;
import org.octet.quantization.observer.MovingAverageMinMaxObserver;
import org.octet.quantization.observer.MovingAveragePerChannelMinMaxObserver;
import org.octet.quantization.observer.Observer;
import org.octet.quantization.observer.ObserverFactory;
import org.octet.quantization.observer.PerChannelMinMaxObserver;
import org.octet.tensor.ChooseQParams;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.Tensor;

/** Observing and rounding in one call gives the bits of doing one after the other. */
class OnePassTest {
  /** The two steps: a class of its own is not fused. */
  private static final class TwoSteps extends FakeQuantize {
    TwoSteps(Observer observer) {
      super(observer);
    }
  }

  static List<ObserverFactory> observers() {
    List<ObserverFactory> all = new ArrayList<>();
    for (float constant : new float[] {0.01f, 0.3f, 1f}) {
      all.add(MovingAverageMinMaxObserver.withArgs().averagingConstant(constant));
      all.add(
          MovingAveragePerChannelMinMaxObserver.withArgs()
              .dtype(DType.QINT8)
              .qscheme(QScheme.PER_CHANNEL_SYMMETRIC)
              .quantRange(-127, 127)
              .averagingConstant(constant));
    }
    all.add(MovingAverageMinMaxObserver.withArgs().reduceRange(true));
    all.add(MovingAverageMinMaxObserver.withArgs().qscheme(QScheme.PER_TENSOR_SYMMETRIC));
    all.add(MovingAverageMinMaxObserver.withArgs().dtype(DType.QINT8).quantRange(-4, 3));
    all.add(MinMaxObserver.withArgs().quantRange(0, 15));
    all.add(MinMaxObserver.withArgs().dtype(DType.QINT16));
    all.add(PerChannelMinMaxObserver.withArgs());
    all.add(PerChannelMinMaxObserver.withArgs().chAxis(1));
    return all;
  }

  private static FloatTensor random(Random r, MemoryFormat format, float size, int... dims) {
    FloatTensor t = FloatTensor.zeros(dims);
    float shift = r.nextFloat();
    for (int i = 0; i < t.numel(); i++) {
      t.borrow().put(i, size * ((float) r.nextGaussian() + shift));
    }
    return t.contiguous(format);
  }

  private static float[] parameters(FakeQuantize f) {
    MinMaxStatistics s = (MinMaxStatistics) f.observer();
    float[] min = s.minVal().toArray();
    float[] all = new float[4 * min.length];
    for (int i = 0; i < min.length; i++) {
      all[4 * i] = min[i];
      all[4 * i + 1] = s.maxVal().toArray()[i];
      all[4 * i + 2] = f.scale().toArray()[i];
      all[4 * i + 3] = f.zeroPoint().toArray()[i];
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("observers")
  void theBitsOfTwoSteps(ObserverFactory factory) {
    Random r = new Random(5);
    List<FakeQuantize> one =
        List.of(
            new FakeQuantize(factory.get()),
            new FusedMovingAvgObsFakeQuantize(factory.get(), QParamsRule.OBSERVER));
    TwoSteps two = new TwoSteps(factory.get());
    for (int step = 0; step < 6; step++) {
      MemoryFormat format = step % 2 == 0 ? MemoryFormat.CHANNELS_LAST : MemoryFormat.CONTIGUOUS;
      FloatTensor x = random(r, format, 1 + step, 5, 7, 31, 29);
      FloatTensor expected = (FloatTensor) two.call(x);
      for (FakeQuantize f : one) {
        FloatTensor y = (FloatTensor) f.call(x);
        assertEquals(expected.format(), y.format());
        assertArrayEquals(expected.toArray(), y.toArray());
        assertArrayEquals(parameters(two), parameters(f));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("observers")
  void theRuleOfPyTorch(ObserverFactory factory) {
    FusedMovingAvgObsFakeQuantize fused =
        new FusedMovingAvgObsFakeQuantize(factory.get(), QParamsRule.TORCH);
    Observer observer = factory.get();
    Random r = new Random(6);
    for (int step = 0; step < 4; step++) {
      FloatTensor x = random(r, MemoryFormat.CONTIGUOUS, 1 + step, 4, 3, 8);
      fused.setObserverEnabled(step < 3);
      if (step < 3) {
        observer.observe(x);
      }
      FloatTensor y = (FloatTensor) fused.call(x);
      MinMaxStatistics s = (MinMaxStatistics) observer;
      float[] min = s.minVal().toArray();
      float[] scales = new float[min.length];
      int[] zeroPoints = new int[min.length];
      for (int c = 0; c < min.length; c++) {
        ChooseQParams q =
            ChooseQParams.of(
                min[c],
                s.maxVal().toArray()[c],
                s.quantMin(),
                s.quantMax(),
                s.qscheme().isSymmetric(),
                false);
        scales[c] = q.scale();
        zeroPoints[c] = q.zeroPoint();
      }
      QParams q =
          s.qscheme().isPerChannel()
              ? QParams.perChannel(scales, zeroPoints, s.options().chAxis(), s.dtype())
              : QParams.perTensor(scales[0], zeroPoints[0], s.dtype());
      Tensor expected = FakeQuantize.round(q, s.quantMin(), s.quantMax(), x);
      assertArrayEquals(((FloatTensor) expected).toArray(), y.toArray());
      assertArrayEquals(scales, fused.scale().toArray());
    }
  }

  @Test
  void theGradientPassesWhereNothingWasClamped() {
    ObserverFactory factory = MovingAverageMinMaxObserver.withArgs().averagingConstant(0.01f);
    Random r = new Random(7);
    float[][] grads = new float[2][];
    FakeQuantize[] both = {new FakeQuantize(factory.get()), new TwoSteps(factory.get())};
    FloatTensor first = random(r, MemoryFormat.CONTIGUOUS, 0.5f, 3, 40);
    FloatTensor second = random(r, MemoryFormat.CONTIGUOUS, 2f, 3, 40);
    for (int i = 0; i < 2; i++) {
      both[i].call(first);
      FloatTensor x = second.copy().requiresGrad(true);
      try (Tape tape = Tape.record()) {
        Tensor y = both[i].call(x);
        tape.backward(new CrossEntropyLoss().call(y, LongTensor.of(new long[] {3, 1, 7}, 3)));
      }
      grads[i] = x.grad().toArray();
    }
    assertArrayEquals(grads[1], grads[0]);
    int clamped = 0;
    for (float g : grads[0]) {
      clamped += g == 0 ? 1 : 0;
    }
    assertTrue(clamped > 10 && clamped < 110, clamped + " of 120");
  }

  @Test
  void aFailureLeavesTheStatisticsAlone() {
    FakeQuantize f = (FakeQuantize) FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.get();
    f.call(FloatTensor.of(new float[] {-1, 2}, 2));
    FloatTensor bad = FloatTensor.of(new float[] {7, Float.NaN}, 2);
    CalibrationException e = assertThrows(CalibrationException.class, () -> f.call(bad));
    assertTrue(e.getMessage().contains("NaN"), e.getMessage());
    MinMaxStatistics s = (MinMaxStatistics) f.observer();
    assertEquals(-1f, s.minVal().item());
    assertEquals(2f, s.maxVal().item());
    FloatTensor infinite = FloatTensor.of(new float[] {7, Float.POSITIVE_INFINITY}, 2);
    assertThrows(CalibrationException.class, () -> f.call(infinite));
    FloatTensor wide = FloatTensor.zeros(0);
    assertFalse(((MinMaxStatistics) f.observer()).roundsInOnePass(wide));
  }

  /** It is one op that the interpreter sees. */
  @Test
  void oneOp() {
    List<String> seen = new ArrayList<>();
    Interpreter spy =
        (op, in) -> {
          seen.add(op.name());
          return op.execute(new ExecutionContext(Backends.current(), null), in);
        };
    try (Interpreter.Pushed p = Interpreter.push(spy)) {
      FakeQuants.DEFAULT_FUSED_ACT_FAKE_QUANT.get().call(FloatTensor.of(new float[] {-1, 2}, 2));
    }
    assertEquals(List.of("fused_moving_avg_obs_fake_quant"), seen);
  }
}
