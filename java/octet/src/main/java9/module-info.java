/** Int8 quantization and inference for the JVM. The native library is a module of its own for each platform. */
module org.octet {
  requires transitive org.bytedeco.javacpp;
  // Warnings, where System.Logger is missing: on Android, which has no modules.
  requires static java.logging;
  // Only the recorded autograd tape and the benchmark's baseline use it.
  requires static org.bytedeco.openblas;

  exports org.octet.autograd;
  exports org.octet.backend;
  exports org.octet.data;
  exports org.octet.graph;
  exports org.octet.nn;
  exports org.octet.nn.intrinsic;
  exports org.octet.nn.intrinsic.qat;
  exports org.octet.nn.intrinsic.quantized;
  exports org.octet.nn.qat;
  exports org.octet.nn.qat.dynamic;
  exports org.octet.nn.quantized;
  exports org.octet.nn.quantized.dynamic;
  exports org.octet.ops;
  exports org.octet.optim;
  exports org.octet.quantization;
  exports org.octet.quantization.analysis;
  exports org.octet.quantization.observer;
  exports org.octet.runtime;
  exports org.octet.tensor;
}
