package org.octet.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.logging.Level;
import java.util.logging.Logger;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;
import org.junit.jupiter.api.Test;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;

/** Multipliers and int32 biases, above all of channels whose weights are nearly zero. */
class QuantizedWeightsTest {
  private static final QParams IN = QParams.perTensor(0.02, 128, DType.QUINT8);
  private static final QParams OUT = QParams.perTensor(0.05, 100, DType.QUINT8);

  @Test
  void aLiveChannelIsLeftAlone() {
    QuantizedTensor w =
        QuantizedTensor.ofCodes(new int[] {5, -7}, QParams.perTensor(0.01, 0, DType.QINT8), 1, 2);
    QuantizedWeights q = QuantizedWeights.of(w, FloatTensor.of(new float[] {0.3f}, 1), IN, OUT);
    assertArrayEquals(new int[] {5, -7}, q.codes());
    float k = 0.02f * 0.01f;
    assertEquals((int) Math.rint((double) (0.3f * (1f / k))), q.bias()[0]);
    assertEquals(k / 0.05f, q.multipliers()[0]);
  }

  @Test
  void aDeadChannelKeepsItsBias() {
    // Weights of about 1e-36 and a bias of 3: at their scale the bias would need 10^38 steps.
    float[] scales = {1e-38f * 2, 0.01f, 1.1920929e-7f};
    QuantizedTensor w =
        QuantizedTensor.ofCodes(
            new int[] {127, -127, 40, 1, 127, -127},
            QParams.perChannel(scales, new int[3], 0, DType.QINT8),
            3,
            2);
    FloatTensor bias = FloatTensor.of(new float[] {3f, 0.5f, -3f}, 3);
    QuantizedTensor x = QuantizedTensor.ofCodes(new int[] {255, 0, 128, 128}, IN, 2, 2);
    QuantizedTensor y =
        (QuantizedTensor) new QuantizedLinearOp(OUT, Activation.NONE).apply(x, w, bias);
    // 3 / 0.05 = 60 steps; the live channel: (127 * 40 - 128) * 0.0002 = 0.99 + 0.5.
    assertArrayEquals(new int[] {160, 130, 40, 160, 110, 40}, y.intRepr());
    QuantizedWeights q = QuantizedWeights.of(w, bias, IN, OUT);
    assertEquals(0.01f, q.scales()[1]);
    assertArrayEquals(new int[] {0, 0, 40, 1}, java.util.Arrays.copyOf(q.codes(), 4));
  }

  private static final Logger LOG = Logger.getLogger("org.octet.ops");

  @BeforeProperty
  void quiet() {
    LOG.setLevel(Level.SEVERE);
  }

  @AfterProperty
  void loud() {
    LOG.setLevel(null);
  }

  @Property(tries = 300)
  void whateverTheScaleNothingOverflowsAndTheRealValueStays(@ForAll long seed) {
    Random r = new Random(seed);
    int n = 1 + r.nextInt(40);
    float scale = (float) Math.pow(10, -r.nextInt(37) - r.nextDouble());
    int z = r.nextBoolean() ? 0 : r.nextInt(256) - 128;
    QuantizedTensor w =
        QuantizedTensor.ofCodes(
            QuantizedNaive.codes(r, DType.QINT8, 1, n),
            QParams.perTensor(scale, z, DType.QINT8),
            1,
            n);
    QParams in = QuantizedNaive.params(r, DType.QINT8);
    float bias = (float) (r.nextGaussian() * 10);
    QuantizedWeights q = QuantizedWeights.of(w, FloatTensor.of(new float[] {bias}, 1), in, OUT);
    int range = Math.max(127 - in.zeroPoint(), in.zeroPoint() + 128);
    double raised = q.scales()[0] / (double) scale;
    assertEquals(0, Math.IEEEremainder(Math.log(raised) / Math.log(2), 1), 1e-6, "a power of two");
    long sum = Math.abs((long) q.bias()[0]);
    int[] before = w.intRepr();
    for (int i = 0; i < n; i++) {
      sum += (long) Math.abs(q.codes()[i] - z) * range;
      double real = (double) (before[i] - z) * scale;
      assertEquals(
          real,
          (double) (q.codes()[i] - z) * q.scales()[0],
          raised == 1 ? 0 : q.scales()[0] * 0.5001);
    }
    assertTrue(sum < 1L << 31, "sum " + sum);
    double k = (double) in.scale() * q.scales()[0];
    assertEquals(bias, q.bias()[0] * k, Math.abs(bias) * 1e-6 + k * 0.5001);
    // Raised no further than needed: one power of two less would overflow.
    if (raised > 1) {
      double less = Math.abs(bias / (k / 2));
      for (int c : before) {
        less += Math.abs(Math.rint((c - z) / (raised / 2))) * range;
      }
      assertTrue(less > 2147483000.0, "raised too far: " + less);
    }
  }

  @Test
  void biasesThatAreNotNumbersAreRefused() {
    QuantizedTensor w =
        QuantizedTensor.ofCodes(new int[] {1}, QParams.perTensor(1, 0, DType.QINT8), 1, 1);
    QParamsException e =
        assertThrows(
            QParamsException.class,
            () -> QuantizedWeights.of(w, FloatTensor.of(new float[] {Float.NaN}, 1), IN, OUT));
    assertTrue(e.getMessage().contains("bias of channel 0 is NaN"), e.getMessage());
  }
}
