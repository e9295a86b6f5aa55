package org.octet.bench.peers;

import java.util.function.Function;
import java.util.function.Supplier;
import org.octet.backend.Backends;

/** Who takes part in which row; all are compared with ours before anything is timed. */
final class Competitors {
  /** With so few, each weight is used so rarely that reading it may be what takes the time. */
  private static final int FEW_ROWS = 8;

  private final Rounds rounds;
  private final Operands o;

  Competitors(Rounds rounds, Operands operands) {
    this.rounds = rounds;
    this.o = operands;
  }

  /** Linear, uint8 in and out. */
  void gemmStatic() {
    against(1, OctetPeer.int8("octet", o, 128), dnnl128(), () -> OrtPeer.gemm(o));
    torch(TorchPeer::linear);
    against(1, OctetPeer.int8("octetZp0", o, 0), dnnl0());
    try (Peer plain = OctetPeer.int8("octet", o.withoutBias(), 128)) {
      join(1, plain, () -> OrtPeer.matMul(o));
    }
    blas();
    peaks(1);
  }

  /** Linear, float in and out, 8 bit inside. */
  void gemmDynamic() {
    // The rules for the range of the input differ in the last bit, so that single codes do.
    double step = 0.02 * 0.00125 * 127 * Math.sqrt(o.k());
    against(step, OctetPeer.dynamic(o), () -> OrtPeer.dynamic(o), () -> TorchPeer.dynamic(o));
    blas();
    peaks(1);
  }

  /** Convolution, uint8 in and out. */
  void conv() {
    against(1, OctetPeer.int8("octet", o, 128), dnnl128(), () -> OrtPeer.conv(o));
    torch(TorchPeer::conv);
    against(1, OctetPeer.int8("octetZp0", o, 0), dnnl0());
    against(fp32Tolerance(), OctetPeer.fp32(o), () -> DnnlPeer.fp32(o));
    blas();
    peaks(1);
  }

  /** Linear, float. */
  void gemmFp32() {
    against(
        fp32Tolerance(),
        OctetPeer.fp32(o),
        () -> DnnlPeer.fp32(o),
        () -> OrtPeer.fp32(o),
        () -> TorchPeer.fp32(o),
        () -> new BlasPeer(o));
    peaks(4);
  }

  private Supplier<Peer> dnnl0() {
    return () -> DnnlPeer.int8("onednnZp0", o, 0);
  }

  private Supplier<Peer> dnnl128() {
    return () -> DnnlPeer.int8("onednnZp128", o, 128);
  }

  /** Sums of k products of about 0.1 in another order. */
  private double fp32Tolerance() {
    return 1e-5 * o.k();
  }

  private void torch(Function<Operands, Peer> make) {
    Operands half = o.sevenBits();
    try (Peer expected = OctetPeer.int8("octet", half, TorchPeer.X_ZERO)) {
      join(1, expected, () -> make.apply(half));
    }
  }

  private void blas() {
    // A depthwise convolution through im2col is no float kernel that anybody would use.
    if (o.conv() == null || o.conv().groups() == 1) {
      rounds.add(new BlasPeer(o));
    }
  }

  private void peaks(int weightBytes) {
    Peak.of(Backends.current().isa()).forEach(rounds::add);
    if (o.conv() == null && o.rows() <= FEW_ROWS) {
      rounds.add(Peak.reader((long) weightBytes * o.k() * o.n()));
    }
  }

  /** Takes in ours, and the others after a comparison with it. */
  @SafeVarargs
  private void against(double allowed, Peer ours, Supplier<Peer>... others) {
    rounds.add(ours);
    join(allowed, ours, others);
  }

  /** Takes in the others after a comparison. One that cannot be made is left out, loudly. */
  @SafeVarargs
  private void join(double allowed, Peer expected, Supplier<Peer>... others) {
    expected.run();
    float[] reference = expected.output();
    for (Supplier<Peer> other : others) {
      try {
        Peer peer = other.get();
        rounds.check(reference, allowed, peer);
        rounds.add(peer);
      } catch (RuntimeException | LinkageError e) {
        System.err.printf("%n##### ABSENT: a competitor cannot run here: %s #####%n%n", e);
      }
    }
  }
}
