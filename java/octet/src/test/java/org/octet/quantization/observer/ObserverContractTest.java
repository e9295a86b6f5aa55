package org.octet.quantization.observer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;
import org.octet.tensor.TensorScope;

/**
 * What every observer must do: one row an observer. Numbers are checked against PyTorch's by the
 * golden tests.
 */
class ObserverContractTest {
  /**
   * An observer under test.
   *
   * @param statistics whether it keeps statistics, so that it starts uncalibrated and refuses NaN
   * @param parameters whether it has parameters once it saw data
   */
  record Row(
      String name, Supplier<? extends Observer> factory, boolean statistics, boolean parameters) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Row> rows() {
    return Stream.of(
        new Row("MinMaxObserver", MinMaxObserver.withArgs(), true, true),
        new Row(
            "MinMaxObserver symmetric qint8",
            MinMaxObserver.withArgs().dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC),
            true,
            true),
        new Row("MovingAverageMinMaxObserver", MovingAverageMinMaxObserver.withArgs(), true, true),
        new Row(
            "PerChannelMinMaxObserver", PerChannelMinMaxObserver.withArgs().chAxis(1), true, true),
        new Row(
            "MovingAveragePerChannelMinMaxObserver",
            MovingAveragePerChannelMinMaxObserver.withArgs().chAxis(1),
            true,
            true),
        new Row("HistogramObserver", HistogramObserver.withArgs(), true, true),
        new Row(
            "HistogramObserver 16 bins",
            HistogramObserver.withArgs().bins(16).upsampleRate(2),
            true,
            true),
        new Row(
            "FixedQParamsObserver",
            Observers.DEFAULT_FIXED_QPARAMS_RANGE_NEG1TO1_OBSERVER,
            false,
            true),
        new Row("PlaceholderObserver", PlaceholderObserver.withArgs(), false, false),
        new Row("NoopObserver", NoopObserver::new, false, false));
  }

  private static FloatTensor batch(long seed, int... dims) {
    Random random = new Random(seed);
    FloatTensor t = FloatTensor.zeros(dims);
    float[] v = new float[(int) t.numel()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) random.nextGaussian() * (1 + seed);
    }
    t.copyFrom(v);
    return t;
  }

  private static Observer calibrated(Row row) {
    Observer o = row.factory.get();
    for (int i = 0; i < 3; i++) {
      o.forward(batch(i, 2, 3, 4, 5));
    }
    return o;
  }

  @ParameterizedTest
  @MethodSource("rows")
  void passesItsInputOn(Row row) {
    FloatTensor x = batch(1, 2, 3, 4, 5);
    float[] before = x.toArray();
    Tensor y = row.factory.get().forward(x);
    assertArrayEquals(before, ((FloatTensor) y).toArray());
    assertArrayEquals(before, x.toArray());
    assertEquals(x.shape(), y.shape());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void everyGetIsNew(Row row) {
    assertNotSame(row.factory.get(), row.factory.get());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void startsWithoutStatisticsAndSaysSo(Row row) {
    Observer o = row.factory.get();
    assertEquals(!row.statistics, o.isCalibrated());
    if (row.statistics) {
      CalibrationException e = assertThrows(CalibrationException.class, o::calculateQParams);
      assertTrue(e.getMessage().contains("has seen no data"), e.getMessage());
      assertEquals(QParams.perTensor(1, 0, o.dtype()), o.qparamsOrDefault());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void parametersFitTheDtype(Row row) {
    Observer o = calibrated(row);
    assertTrue(o.isCalibrated());
    if (!row.parameters) {
      assertThrows(CalibrationException.class, o::calculateQParams);
      return;
    }
    QParams q = o.calculateQParams();
    assertEquals(o.dtype(), q.dtype());
    assertEquals(o.qscheme().isPerChannel(), q.isPerChannel());
    for (int i = 0; i < q.count(); i++) {
      assertTrue(q.zeroPoint(i) >= o.quantMin() && q.zeroPoint(i) <= o.quantMax());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void emptyInputChangesNothing(Row row) {
    Observer fresh = row.factory.get();
    fresh.forward(FloatTensor.zeros(0, 3));
    assertEquals(!row.statistics, fresh.isCalibrated());
    if (row.parameters) {
      Observer o = calibrated(row);
      QParams before = o.calculateQParams();
      o.forward(FloatTensor.zeros(0, 3, 2));
      assertEquals(before, o.calculateQParams());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void nanIsRefusedAndChangesNothing(Row row) {
    if (!row.statistics) {
      row.factory.get().forward(FloatTensor.full(Float.NaN, 1, 3));
      return;
    }
    Observer o = calibrated(row);
    QParams before = o.calculateQParams();
    FloatTensor x = batch(9, 2, 3, 4, 5);
    x.set(Float.NaN, 1, 2, 0, 0);
    CalibrationException e = assertThrows(CalibrationException.class, () -> o.forward(x));
    assertTrue(e.getMessage().contains("NaN"), e.getMessage());
    assertEquals(before, o.calculateQParams());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void quantizedInputIsRefused(Row row) {
    QuantizedTensor q = QuantizedTensor.quantizePerTensor(batch(0, 2, 3), 0.1, 0, DType.QINT8);
    assertThrows(DTypeException.class, () -> row.factory.get().forward(q));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void stateDictCarriesTheStatistics(Row row) {
    Observer o = calibrated(row);
    Observer other = row.factory.get();
    other.loadStateDict(o.stateDict());
    assertEquals(o.isCalibrated(), other.isCalibrated());
    if (row.parameters) {
      assertEquals(o.calculateQParams(), other.calculateQParams());
      other.forward(batch(7, 2, 3, 4, 5));
      o.forward(batch(7, 2, 3, 4, 5));
      assertEquals(o.calculateQParams(), other.calculateQParams());
    }
  }

  @ParameterizedTest
  @MethodSource("rows")
  void copiesAreIndependent(Row row) {
    if (!row.statistics) {
      return;
    }
    Observer o = calibrated(row);
    QParams before = o.calculateQParams();
    Observer copy = (Observer) o.copy();
    copy.forward(FloatTensor.full(1000f, 2, 3, 4, 5));
    assertEquals(before, o.calculateQParams());
    assertFalse(before.equals(copy.calculateQParams()));
  }

  @ParameterizedTest
  @MethodSource("rows")
  void statisticsOutliveTheScopeOfCalibration(Row row) {
    if (!row.parameters) {
      return;
    }
    Observer o = row.factory.get();
    for (int i = 0; i < 3; i++) {
      try (TensorScope scope = TensorScope.open()) {
        o.forward(batch(i, 2, 3, 4, 5));
      }
    }
    assertEquals(calibrated(row).calculateQParams(), o.calculateQParams());
  }

  @ParameterizedTest
  @MethodSource("rows")
  void memoryOrderDoesNotMatter(Row row) {
    if (!row.parameters) {
      return;
    }
    Observer last = row.factory.get();
    Observer strided = row.factory.get();
    for (int i = 0; i < 3; i++) {
      FloatTensor x = batch(i, 2, 3, 4, 5);
      last.forward(x.contiguous(MemoryFormat.CHANNELS_LAST));
      FloatTensor wide = FloatTensor.zeros(2, 3, 4, 9);
      FloatTensor view = wide.slice(3, 2, 7);
      view.copyFrom(x.toArray());
      strided.forward(view);
    }
    assertEquals(calibrated(row).calculateQParams(), last.calculateQParams());
    assertEquals(calibrated(row).calculateQParams(), strided.calculateQParams());
  }
}
