package org.octet.bench;

import java.util.concurrent.TimeUnit;
import org.octet.graph.Tracer;
import org.octet.nn.AdaptiveAvgPool2d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv2d;
import org.octet.nn.Flatten;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.ReLU;
import org.octet.nn.Sequential;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.Engine;
import org.octet.quantization.Fusion;
import org.octet.quantization.QConfigMapping;
import org.octet.quantization.QuantWrapper;
import org.octet.quantization.Quantization;
import org.octet.runtime.Program;
import org.octet.runtime.Session;
import org.octet.tensor.FloatTensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What does one inference of a whole network cost, in int8 and in fp32, and how much garbage does
 * it make ({@code -prof gc})? A small depthwise-separable CNN on one grey image.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProgramBench {
  /** Height and width of the image. */
  @Param({"28"})
  public int size;

  private Program quantized;
  private Program floating;
  private Session session;
  private FloatTensor image;
  private FloatTensor output;

  private static Sequential block(int in, int out, ConvGeometry geometry) {
    return new Sequential(new Conv2d(in, out, geometry, false), new BatchNorm2d(out), new ReLU());
  }

  /** Makes, calibrates and compiles the network. */
  @Setup
  public void setup() {
    Module model =
        new QuantWrapper(
            new Sequential(
                block(1, 16, ConvGeometry.square(3, 1, 1, 1, 1)),
                block(16, 16, ConvGeometry.square(3, 2, 1, 1, 16)),
                block(16, 32, ConvGeometry.square(1, 1, 0, 1, 1)),
                block(32, 32, ConvGeometry.square(3, 2, 1, 1, 32)),
                block(32, 64, ConvGeometry.square(1, 1, 0, 1, 1)),
                new AdaptiveAvgPool2d(1),
                new Flatten(),
                new Linear(64, 10)));
    Module fused = Fusion.fuse(model.eval());
    RandomTensors random = new RandomTensors();
    Module prepared = Quantization.prepare(fused, QConfigMapping.forEngine(Engine.X86));
    prepared.forward(random.floats(2f, 32, 1, size, size).contiguous());
    image = random.floats(2f, 1, 1, size, size).contiguous();
    quantized = Program.compile(Tracer.trace(Quantization.convert(prepared), image));
    floating = Program.compile(Tracer.trace(fused, image));
    output = (FloatTensor) floating.run(image);
    session = quantized.newSession();
  }

  /** Frees the programs. */
  @TearDown
  public void close() {
    session.close();
    quantized.close();
    floating.close();
  }

  /** Through the pool of sessions, as a service with many threads does it. */
  @Benchmark
  public Object int8() {
    quantized.run(image, output);
    return output;
  }

  /** With a session of one's own. */
  @Benchmark
  public Object int8OwnSession() {
    session.run(image, output);
    return output;
  }

  /** The float network. */
  @Benchmark
  public Object fp32() {
    floating.run(image, output);
    return output;
  }
}
