package org.octet.stress;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.octet.tensor.ClosedException;
import org.octet.tensor.DType;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.LongTensor;
import org.octet.tensor.MemoryFormat;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;
import org.octet.tensor.Tensor;

/**
 * Every public method that touches data throws after close; a new method must say on which side it
 * stands.
 */
class UseAfterCloseTest {
  /** Methods that need the description only, never the memory. */
  private static final Set<String> DESCRIPTION =
      Set.of(
          "close",
          "isClosed",
          "dtype",
          "shape",
          "size",
          "numel",
          "strides",
          "offset",
          "byteOffset",
          "isAbstract",
          "isDense",
          "format",
          "qparams",
          "spec",
          "resolve",
          "toString",
          "equals",
          "hashCode",
          "getClass",
          "notify",
          "notifyAll",
          "wait",
          "requiresGrad",
          "grad",
          "setGrad",
          "qScale",
          "qZeroPoint",
          "qPerChannelScales",
          "qPerChannelZeroPoints",
          "qPerChannelAxis",
          "qscheme",
          // Tested by itself below: it needs a tensor of one element.
          "item");

  private static FloatTensor floats() {
    return FloatTensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2, 2);
  }

  private static QuantizedTensor codes() {
    return QuantizedTensor.quantizePerTensor(floats(), 0.1, 3, DType.QUINT8);
  }

  @TestFactory
  Stream<DynamicTest> everyMethodThatTouchesDataThrows() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Tensor open : List.of(floats(), codes(), LongTensor.of(new long[8], 1, 2, 2, 2))) {
      open.close();
      for (Method m : open.getClass().getMethods()) {
        boolean description = DESCRIPTION.contains(m.getName());
        if (!description && !Modifier.isStatic(m.getModifiers()) && !m.isBridge()) {
          String name =
              open.getClass().getSimpleName()
                  + "."
                  + m.getName()
                  + Arrays.toString(m.getParameterTypes());
          tests.add(DynamicTest.dynamicTest(name, () -> throwsClosed(open, m)));
        }
      }
    }
    assertTrue(tests.size() > 30, "found " + tests.size() + " methods");
    return tests.stream();
  }

  private static void throwsClosed(Tensor closed, Method m) {
    Object[] arguments = new Object[m.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = argument(closed, m, i);
    }
    // contiguous() of a tensor in the wanted order is the tensor itself, closed as before.
    if (m.getName().equals("contiguous")
        && (arguments.length == 0 || closed.isDense((MemoryFormat) arguments[0]))) {
      Tensor same = (Tensor) assertDoesNotThrow(closed, m, arguments);
      assertThrows(ClosedException.class, same::storage);
      return;
    }
    InvocationTargetException e =
        assertThrows(
            InvocationTargetException.class, () -> m.invoke(closed, arguments), "no exception");
    assertInstanceOf(ClosedException.class, e.getCause());
  }

  private static Object assertDoesNotThrow(Tensor t, Method m, Object[] arguments) {
    try {
      return m.invoke(t, arguments);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static Object argument(Tensor closed, Method m, int i) {
    Class<?> type = m.getParameterTypes()[i];
    if (type == int.class) {
      // slice(axis, from, to) and transpose(a, b): any legal values.
      return i == 0 ? 1 : i == 1 ? 0 : 2;
    } else if (type == float.class) {
      return 1f;
    } else if (type == int[].class) {
      return m.getName().equals("reshape")
          ? new int[] {8}
          : m.getName().equals("permute") ? new int[] {0, 2, 3, 1} : new int[4];
    } else if (type == float[].class) {
      return new float[8];
    } else if (type == FloatBuffer.class) {
      return FloatBuffer.allocate(8);
    } else if (type == FloatTensor.class) {
      return floats();
    } else if (type == QuantizedTensor.class) {
      return QuantizedTensor.ofCodes(new int[8], closed.qparams(), 1, 2, 2, 2);
    } else if (type == QParams.class) {
      return QParams.perTensor(1, 0, closed.dtype());
    } else if (type == MemoryFormat.class) {
      return MemoryFormat.CHANNELS_LAST;
    }
    throw new AssertionError("no argument for " + type + " of " + m + "; add one here");
  }

  @TestFactory
  Stream<DynamicTest> itemThrows() {
    FloatTensor one = FloatTensor.scalar(3f);
    assertEquals(3f, one.item());
    one.close();
    return Stream.of(
        DynamicTest.dynamicTest("item", () -> assertThrows(ClosedException.class, one::item)));
  }
}
