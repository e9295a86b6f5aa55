package org.octet.stress;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.octet.graph.Graph;
import org.octet.graph.Tracer;
import org.octet.ops.Activation;
import org.octet.ops.ConvGeometry;
import org.octet.ops.ConvOp;
import org.octet.runtime.Program;
import org.octet.runtime.ProgramOptions;
import org.octet.tensor.FloatTensor;

/** See {@link JvmExitTest}: the ways in which a JVM ends while pool workers live. */
final class ExitMain {
  private ExitMain() {}

  public static void main(String[] args) throws Exception {
    FloatTensor weight = FloatTensor.zeros(16, 16, 3, 3);
    FloatTensor x = FloatTensor.zeros(1, 16, 64, 64);
    ConvOp conv = new ConvOp(ConvGeometry.square(3, 1, 1, 1, 1), Activation.NONE);
    Graph graph = Tracer.trace(in -> conv.apply(in[0], weight, null), x);
    Program program =
        Program.compile(
            graph, ProgramOptions.defaults().withThreads(2).withSpin(Duration.ofSeconds(1)));
    program.run(x).close();
    System.out.println("ran");
    switch (args[0]) {
      case "normal" -> {}
      case "closed" -> program.close();
      case "exit" -> {
        CountDownLatch running = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
          Thread thread =
              new Thread(
                  () -> {
                    while (true) {
                      program.run(x).close();
                      running.countDown();
                    }
                  });
          thread.start();
        }
        running.await();
        System.exit(7);
      }
      case "uncaught" -> throw new IllegalStateException("on purpose");
      case "halt" -> Runtime.getRuntime().halt(9);
      default -> throw new IllegalArgumentException(args[0]);
    }
  }
}
