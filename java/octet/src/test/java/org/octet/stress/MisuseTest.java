package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.octet.tensor.AbstractTensorException;
import org.octet.tensor.BufferException;
import org.octet.tensor.DType;
import org.octet.tensor.DTypeException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.OctetException;
import org.octet.tensor.OctetOutOfMemoryError;
import org.octet.tensor.QParams;
import org.octet.tensor.QParamsException;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Storage;

/** Wrong use of tensors ends in a typed exception that says what came and what was expected. */
class MisuseTest {
  private static void says(Throwable e, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), "\"" + e.getMessage() + "\" mentions " + part);
    }
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        Double.NaN,
        0,
        -0.0,
        -1,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e300,
        1e-300,
        Float.MIN_VALUE,
        2e-39
      })
  void scaleMustBeFiniteAndPositive(double scale) {
    QParamsException e =
        assertThrows(QParamsException.class, () -> QParams.perTensor(scale, 0, DType.QINT8));
    says(e, "scale", "finite");
    FloatTensor x = FloatTensor.zeros(2, 2);
    assertThrows(
        QParamsException.class, () -> QuantizedTensor.quantizePerTensor(x, scale, 0, DType.QINT8));
    float[] scales = {1f, (float) scale};
    QParamsException c =
        assertThrows(
            QParamsException.class,
            () -> QuantizedTensor.quantizePerChannel(x, scales, new int[2], 1, DType.QINT8));
    says(c, "channel 1");
  }

  @ParameterizedTest
  @EnumSource(names = {"QINT8", "QUINT8", "QINT16"})
  void zeroPointMustLieInsideTheType(DType dtype) {
    FloatTensor x = FloatTensor.zeros(2);
    for (int z :
        new int[] {
          dtype.quantMin() - 1, dtype.quantMax() + 1, Integer.MIN_VALUE, Integer.MAX_VALUE
        }) {
      QParamsException e =
          assertThrows(
              QParamsException.class, () -> QuantizedTensor.quantizePerTensor(x, 1, z, dtype));
      says(e, "" + z, "" + dtype.quantMin(), "" + dtype.quantMax());
      assertThrows(
          QParamsException.class,
          () ->
              QuantizedTensor.quantizePerChannel(
                  x, new float[] {1, 1}, new int[] {0, z}, 0, dtype));
    }
    for (int z : new int[] {dtype.quantMin(), dtype.quantMax()}) {
      assertEquals(z, QuantizedTensor.quantizePerTensor(x, 1, z, dtype).intRepr()[0]);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT32", "INT64"})
  void onlyCodesHaveParameters(DType dtype) {
    DTypeException e = assertThrows(DTypeException.class, () -> QParams.perTensor(1, 0, dtype));
    says(e, dtype.torchName());
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 5, -3, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void channelAxisMustExist(int axis) {
    FloatTensor x = FloatTensor.zeros(2, 3);
    ShapeException e =
        assertThrows(
            ShapeException.class,
            () ->
                QuantizedTensor.quantizePerChannel(
                    x, new float[] {1, 1}, new int[2], axis, DType.QINT8));
    says(e, "" + axis);
  }

  @Test
  void negativeChannelAxisCountsFromTheEnd() {
    FloatTensor x = FloatTensor.zeros(2, 3);
    assertEquals(
        1,
        QuantizedTensor.quantizePerChannel(x, new float[] {1, 1, 1}, new int[3], -1, DType.QINT8)
            .qPerChannelAxis());
    assertThrows(
        ShapeException.class,
        () -> QParams.perChannel(new float[] {1}, new int[1], -1, DType.QINT8));
  }

  @Test
  void numberOfScalesMustFit() {
    FloatTensor x = FloatTensor.zeros(2, 3);
    says(
        assertThrows(
            QParamsException.class,
            () ->
                QuantizedTensor.quantizePerChannel(
                    x, new float[] {1, 1}, new int[2], 1, DType.QINT8)),
        "2",
        "3");
    assertThrows(
        QParamsException.class,
        () ->
            QuantizedTensor.quantizePerChannel(
                x, new float[] {1, 1, 1}, new int[2], 1, DType.QINT8));
    assertThrows(
        QParamsException.class,
        () -> QuantizedTensor.quantizePerChannel(x, new float[0], new int[0], 1, DType.QINT8));
  }

  @Test
  void failedQuantizationLeavesNoMemoryBehind() {
    FloatTensor x = FloatTensor.zeros(1 << 20);
    long before = Storage.allocatedBytes();
    for (int i = 0; i < 8; i++) {
      assertThrows(
          QParamsException.class,
          () -> QuantizedTensor.ofCodes(new int[] {300}, QParams.perTensor(1, 0, DType.QUINT8), 1));
      assertThrows(
          OctetException.class,
          () ->
              QuantizedTensor.quantizePerChannel(
                  x, new float[] {1, 1}, new int[2], 0, DType.QINT8));
    }
    assertTrue(Storage.allocatedBytes() - before < 1 << 20, "no copies of x were left");
  }

  @Test
  void accessorsOfTheOtherSchemeAreRefused() {
    FloatTensor x = FloatTensor.zeros(2);
    QuantizedTensor tensor = QuantizedTensor.quantizePerTensor(x, 1, 0, DType.QINT8);
    QuantizedTensor channel =
        QuantizedTensor.quantizePerChannel(x, new float[] {1, 2}, new int[2], 0, DType.QINT8);
    assertThrows(QParamsException.class, channel::qScale);
    assertThrows(QParamsException.class, channel::qZeroPoint);
    assertThrows(QParamsException.class, tensor::qPerChannelScales);
    assertThrows(QParamsException.class, tensor::qPerChannelZeroPoints);
    assertThrows(QParamsException.class, tensor::qPerChannelAxis);
    assertThrows(QParamsException.class, () -> channel.slice(0, 0, 1));
    assertThrows(
        DTypeException.class, () -> tensor.withQParams(QParams.perTensor(1, 0, DType.QUINT8)));
  }

  @Test
  void readOnlyOutputIsRefused() {
    FloatTensor x = FloatTensor.zeros(2);
    BufferException e =
        assertThrows(
            BufferException.class, () -> x.copyTo(FloatBuffer.allocate(2).asReadOnlyBuffer()));
    says(e, "read-only");
    FloatBuffer readable = FloatBuffer.wrap(new float[] {4, 5}).asReadOnlyBuffer();
    assertArrayEquals(new float[] {4, 5}, FloatTensor.of(readable, 2).toArray());
  }

  @Test
  void foreignByteOrderIsRefused() {
    ByteOrder foreign =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    FloatBuffer b = ByteBuffer.allocateDirect(8).order(foreign).asFloatBuffer();
    says(
        assertThrows(BufferException.class, () -> FloatTensor.of(b, 2)),
        foreign.toString(),
        "nativeOrder");
    FloatTensor x = FloatTensor.zeros(2);
    assertThrows(BufferException.class, () -> x.copyTo(b));
  }

  @Test
  void bufferMustHaveRoom() {
    FloatTensor x = FloatTensor.zeros(3);
    says(assertThrows(BufferException.class, () -> x.copyTo(FloatBuffer.allocate(2))), "2", "3");
  }

  @Test
  void valuesMustFitTheShape() {
    says(
        assertThrows(ShapeException.class, () -> FloatTensor.of(new float[5], 2, 3)),
        "5",
        "[2, 3]");
    assertThrows(ShapeException.class, () -> LongTensor.of(new long[5], 2, 3));
    assertThrows(
        ShapeException.class,
        () -> QuantizedTensor.ofCodes(new int[5], QParams.perTensor(1, 0, DType.QINT8), 2, 3));
    assertThrows(ShapeException.class, () -> Shape.of(2, -1));
    assertThrows(ShapeException.class, () -> FloatTensor.zeros(2).copyFrom(new float[3]));
    assertThrows(
        ShapeException.class, () -> FloatTensor.zeros(2).copyFrom(FloatTensor.zeros(2, 1)));
  }

  @Test
  void tooLargeIsATypedError() {
    assertThrows(OctetOutOfMemoryError.class, () -> FloatTensor.zeros(1 << 15, 1 << 15));
    says(
        assertThrows(
            ShapeException.class,
            () -> FloatTensor.zeros(Integer.MAX_VALUE, Integer.MAX_VALUE, 16)),
        "2147483647");
  }

  @Test
  void emptyTensorsWorkAsTensors() {
    FloatTensor x = FloatTensor.zeros(0, 3);
    assertEquals(0, x.numel());
    assertEquals(0, x.toArray().length);
    QuantizedTensor q = QuantizedTensor.quantizePerTensor(x, 0.1, 3, DType.QUINT8);
    assertArrayEquals(new int[] {0, 3}, q.shape().dims());
    assertEquals(0, q.intRepr().length);
    assertEquals(0, q.dequantize().toArray().length);
    assertEquals(0, x.transpose(0, 1).contiguous(MemoryFormat.CONTIGUOUS).numel());
    assertEquals(0, x.reshape(3, 0).slice(0, 1, 2).numel());
    assertEquals(
        0,
        QuantizedTensor.quantizePerChannel(x, new float[] {1, 1, 1}, new int[3], 1, DType.QINT8)
            .numel());
    assertThrows(ShapeException.class, x::item);
  }

  @Test
  void indicesAreChecked() {
    FloatTensor x = FloatTensor.zeros(2, 3);
    assertThrows(ShapeException.class, () -> x.get(0));
    assertThrows(ShapeException.class, () -> x.get(2, 0));
    assertThrows(ShapeException.class, () -> x.get(0, -1));
    assertThrows(ShapeException.class, () -> x.set(1f, 0, 3));
    assertThrows(ShapeException.class, () -> x.slice(0, 1, 3));
    assertThrows(ShapeException.class, () -> x.slice(0, -1, 1));
    assertThrows(ShapeException.class, () -> x.slice(2, 0, 1));
    assertThrows(ShapeException.class, () -> x.reshape(4));
    assertThrows(ShapeException.class, () -> x.reshape(-1, -1));
    assertThrows(ShapeException.class, () -> x.permute(0, 0));
    assertThrows(ShapeException.class, () -> x.permute(0));
    assertThrows(ShapeException.class, () -> x.transpose(0, 2));
    assertThrows(ShapeException.class, () -> x.transpose(0, 1).reshape(6));
    assertThrows(ShapeException.class, () -> x.transpose(0, 1).data());
  }

  @Test
  void valuesOfATracedTensorAreRefused() {
    FloatTensor x = FloatTensor.ofSpec(Shape.of(2), MemoryFormat.CONTIGUOUS);
    says(
        assertThrows(AbstractTensorException.class, () -> x.toArray()),
        "MisuseTest",
        "valuesOfATracedTensorAreRefused");
    assertThrows(AbstractTensorException.class, () -> x.get(0));
    assertThrows(AbstractTensorException.class, x::storage);
  }
}
