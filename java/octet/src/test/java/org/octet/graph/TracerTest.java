package org.octet.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.ops.Interpreter;
import org.octet.ops.Op;
import org.octet.tensor.AbstractTensorException;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.OctetException;
import org.octet.tensor.Shape;
import org.octet.tensor.ShapeException;
import org.octet.tensor.Tensor;

class TracerTest {
  /** Two layers, of which the second runs twice. */
  private static final class Net extends Module {
    private final Key body = child("body", new Body());
    private final Key head = child("head", new Linear(4, 4));

    @Override
    public Tensor forward(Tensor... in) {
      return run(head, run(head, run(body, in)));
    }
  }

  private static final class Body extends Module {
    private final Key fc = child("fc", new Linear(3, 4, false));

    @Override
    public Tensor forward(Tensor... in) {
      return run(fc, in);
    }
  }

  /** Hands its argument through, as an observer does. */
  private static final class PassOp extends Op {
    @Override
    public String name() {
      return "pass";
    }

    @Override
    public Tensor[] infer(Tensor... in) {
      return new Tensor[] {in[0]};
    }
  }

  private final FloatTensor example = FloatTensor.zeros(2, 3);

  @Test
  void recordsNodesWithModulePathsAndSharedConstants() {
    Graph g = Tracer.trace(new Net(), example);
    assertEquals(3, g.nodes().size());
    assertEquals("body.fc", g.nodes().get(0).module());
    assertEquals("head", g.nodes().get(1).module());
    assertEquals("head", g.nodes().get(2).module());
    assertEquals(
        3,
        g.constants().size(),
        "one weight without bias; weight and bias of the shared layer once");
    assertNull(g.nodes().get(0).inputs().get(2));
    assertSame(g.nodes().get(1).inputs().get(1), g.nodes().get(2).inputs().get(1));
    assertEquals(Shape.of(2, 4), g.outputs().get(0).spec().shape());
    assertSame(g.nodes().get(2), g.outputs().get(0).producer());
    assertSame(g.nodes().get(0).outputs().get(0), g.nodes().get(1).inputs().get(0));
    String text = g.toString();
    assertTrue(text.contains("graph(input: float32 [2, 3])"), text);
    assertTrue(text.contains("# body.fc"), text);
    assertTrue(text.contains("return " + g.outputs().get(0).name()), text);
  }

  @Test
  void constantsAreTheModelsOwnTensors() {
    Linear layer = new Linear(3, 4);
    Graph g = Tracer.trace(layer, example);
    assertSame(layer.weight(), g.constants().get(0).constant());
    assertTrue(g.inputs().get(0).isInput());
    assertNull(g.inputs().get(0).constant());
  }

  @Test
  void listsAreImmutable() {
    Graph g = Tracer.trace(new Linear(3, 4), example);
    assertThrows(UnsupportedOperationException.class, () -> g.nodes().clear());
    assertThrows(UnsupportedOperationException.class, () -> g.inputs().clear());
    assertThrows(UnsupportedOperationException.class, () -> g.outputs().clear());
    assertThrows(UnsupportedOperationException.class, () -> g.nodes().get(0).inputs().set(0, null));
  }

  @Test
  void anOpThatHandsItsArgumentThroughMakesAnotherValue() {
    Op pass = new PassOp();
    Graph g = Tracer.traceAll(in -> new Tensor[] {pass.apply(in[0]), in[0]}, example);
    assertNotSame(g.outputs().get(0), g.outputs().get(1));
    assertSame(g.inputs().get(0), g.outputs().get(1));
  }

  @Test
  void severalInputsAndOutputs() {
    Linear a = new Linear(3, 4);
    Graph g =
        Tracer.traceAll(
            in -> new Tensor[] {a.forward(in[1]), a.forward(in[0])},
            example,
            FloatTensor.zeros(5, 3));
    assertEquals("input0", g.inputs().get(0).name());
    assertEquals(Shape.of(5, 4), g.outputs().get(0).spec().shape());
    assertEquals(Shape.of(2, 4), g.outputs().get(1).spec().shape());
  }

  @Test
  void inputsAndConstantsMayBeReturned() {
    FloatTensor outside = FloatTensor.zeros(7);
    Graph g = Tracer.traceAll(in -> new Tensor[] {in[0], outside}, example);
    assertSame(g.inputs().get(0), g.outputs().get(0));
    assertSame(outside, g.outputs().get(1).constant());
  }

  @Test
  void errorsNameTheModule() {
    OctetException e =
        assertThrows(ShapeException.class, () -> Tracer.trace(new Net(), FloatTensor.zeros(2, 5)));
    assertEquals("body.fc", e.modulePath());
    assertSame(
        Interpreter.EAGER, Interpreter.current(), "a failed trace leaves the stack as it was");
  }

  @Test
  void readingValuesIsRefused() {
    Linear a = new Linear(3, 4);
    OctetException e =
        assertThrows(
            AbstractTensorException.class,
            () ->
                Tracer.trace(
                    in -> ((FloatTensor) a.forward(in)).get(0, 0) > 0 ? in[0] : in[0], example));
    assertTrue(e.getMessage().contains("TracerTest"), e.getMessage());
  }

  @Test
  void viewsOfTracedTensorsAreRefusedWithAdvice() {
    OctetException e =
        assertThrows(OctetException.class, () -> Tracer.trace(in -> in[0].reshape(3, 2), example));
    assertTrue(e.getMessage().contains("Flatten"), e.getMessage());
    Linear a = new Linear(2, 4);
    assertThrows(
        OctetException.class, () -> Tracer.trace(in -> a.forward(in[0].reshape(3, 2)), example));
  }

  @Test
  void nothingReturnedOrGivenIsRefused() {
    assertThrows(OctetException.class, () -> Tracer.trace(in -> null, example));
    assertThrows(OctetException.class, () -> Tracer.traceAll(in -> new Tensor[0], example));
    assertThrows(OctetException.class, () -> Tracer.trace(in -> in[0]));
  }

  @Test
  void valuesOfAnotherGraphAreRefused() {
    Value foreign = Graph.builder().input("x", example.spec());
    assertThrows(OctetException.class, () -> Graph.builder().output(foreign));
    assertThrows(OctetException.class, () -> Graph.builder().build());
  }
}
