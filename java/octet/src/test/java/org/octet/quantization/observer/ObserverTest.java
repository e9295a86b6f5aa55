package org.octet.quantization.observer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.QParams;
import org.octet.tensor.QScheme;
import org.octet.tensor.ShapeException;

/** Numbers worked out by hand, edges and errors of single observers. */
class ObserverTest {
  private static final float INF = Float.POSITIVE_INFINITY;

  private static FloatTensor vector(float... values) {
    return FloatTensor.of(values, values.length);
  }

  @Test
  void affineRangeAlwaysHoldsZero() {
    Observer o = MinMaxObserver.withArgs().get();
    o.observe(vector(2f, 5.1f));
    assertEquals(QParams.perTensor(5.1f / 255f, 0, DType.QUINT8), o.calculateQParams());
    Observer negative = MinMaxObserver.withArgs().get();
    negative.observe(vector(-5.1f, -2f));
    assertEquals(QParams.perTensor(5.1f / 255f, 255, DType.QUINT8), negative.calculateQParams());
  }

  @Test
  void symmetricDividesByHalfTheRange() {
    Observer o =
        MinMaxObserver.withArgs().dtype(DType.QINT8).qscheme(QScheme.PER_TENSOR_SYMMETRIC).get();
    o.observe(vector(-1f, 2f));
    assertEquals(QParams.perTensor(2f / 127.5f, 0, DType.QINT8), o.calculateQParams());
    Observer unsigned = MinMaxObserver.withArgs().qscheme(QScheme.PER_TENSOR_SYMMETRIC).get();
    unsigned.observe(vector(-1f, 2f));
    assertEquals(QParams.perTensor(2f / 127.5f, 128, DType.QUINT8), unsigned.calculateQParams());
  }

  @Test
  void aScaleIsAtLeastEps() {
    Observer o = MinMaxObserver.withArgs().eps(0.5f).get();
    o.observe(vector(0f, 1e-9f));
    assertEquals(0.5f, o.calculateQParams().scale());
  }

  @Test
  void movingAverageStartsAtTheFirstBatch() {
    MovingAverageMinMaxObserver o =
        (MovingAverageMinMaxObserver)
            MovingAverageMinMaxObserver.withArgs().averagingConstant(0.25f).get();
    o.observe(vector(-4f, 8f));
    o.observe(vector(0f, 16f));
    assertEquals(-3f, o.minVal().item());
    assertEquals(10f, o.maxVal().item());
  }

  @Test
  void infinitiesSpoilMinMaxAndAreLeftOutOfHistograms() {
    Observer minMax = MinMaxObserver.withArgs().get();
    minMax.observe(vector(-1f, INF));
    CalibrationException e = assertThrows(CalibrationException.class, minMax::calculateQParams);
    assertTrue(e.getMessage().contains("Infinity"), e.getMessage());

    Observer with = HistogramObserver.withArgs().get();
    with.observe(vector(-1f, INF, 2f, -INF));
    with.observe(vector(INF, INF));
    Observer without = HistogramObserver.withArgs().get();
    without.observe(vector(-1f, 2f));
    assertEquals(without.calculateQParams(), with.calculateQParams());
  }

  @Test
  void histogramOfOneValueGrowsIntoARange() {
    HistogramObserver o = (HistogramObserver) HistogramObserver.withArgs().bins(4).get();
    o.observe(vector(1f, 1f, 1f));
    assertEquals(1f / 255f, o.calculateQParams().scale());
    o.observe(vector(0f, 4f));
    // 1 lies in the second quarter of 0 .. 4.
    assertArrayEquals(new float[] {1, 3, 0, 1}, o.histogram().toArray());
  }

  @Test
  void histogramCutsATailThatCostsMoreThanItHolds() {
    Observer o = HistogramObserver.withArgs().get();
    float[] values = new float[200_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i / (float) values.length;
    }
    values[7] = 100f;
    o.observe(vector(values));
    assertTrue(o.calculateQParams().scale() < 2f / 255f, "scale " + o.calculateQParams().scale());
  }

  @Test
  void channelsMustStayTheSame() {
    Observer o = PerChannelMinMaxObserver.withArgs().get();
    o.observe(FloatTensor.zeros(3, 2));
    CalibrationException e =
        assertThrows(CalibrationException.class, () -> o.observe(FloatTensor.zeros(4, 2)));
    assertTrue(
        e.getMessage().contains("4 channels") && e.getMessage().contains("3"), e.getMessage());
  }

  @Test
  void channelAxisOutOfRange() {
    Observer o = PerChannelMinMaxObserver.withArgs().chAxis(2).get();
    assertThrows(ShapeException.class, () -> o.observe(FloatTensor.zeros(3, 2)));
  }

  @Test
  void optionsThatContradictEachOther() {
    refused("quant", MinMaxObserver.withArgs().quantRange(1, 20));
    refused("quint8", MinMaxObserver.withArgs().quantRange(0, 256));
    refused("eps", MinMaxObserver.withArgs().eps(0));
    refused("averaging_constant", MovingAverageMinMaxObserver.withArgs().averagingConstant(0));
    refused("ch_axis", PerChannelMinMaxObserver.withArgs().chAxis(-1));
    refused("bins", HistogramObserver.withArgs().bins(0));
    refused("upsample_rate", HistogramObserver.withArgs().upsampleRate(0));
    refused(
        "reduce_range",
        MinMaxObserver.withArgs().qscheme(QScheme.PER_TENSOR_SYMMETRIC).reduceRange(true));
    refused("per_channel_affine", MinMaxObserver.withArgs().qscheme(QScheme.PER_CHANNEL_AFFINE));
    refused(
        "per_tensor_affine",
        PerChannelMinMaxObserver.withArgs().qscheme(QScheme.PER_TENSOR_AFFINE));
    refused("float32", MinMaxObserver.withArgs().dtype(DType.FLOAT32));
  }

  private static void refused(String word, ObserverFactory factory) {
    ObserverException e = assertThrows(ObserverException.class, factory::get);
    String text = e.getMessage().replace("range of codes", "quant");
    assertTrue(text.contains(word), e.getMessage());
  }

  @Test
  void everyDefaultObserverCanBeMadeByName() {
    Observers.named()
        .forEach(
            (name, factory) ->
                assertEquals(factory.get().dtype(), Observers.named(name).get().dtype()));
    OctetException e =
        assertThrows(ObserverException.class, () -> Observers.named("default_obsever"));
    assertTrue(e.getMessage().contains("default_histogram_observer"), e.getMessage());
  }
}
