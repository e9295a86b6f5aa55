package org.octet.bench.peers;

import org.bytedeco.javacpp.FloatPointer;
import org.octet.bench.OpenBlasConv;
import org.octet.bench.OpenBlasGemm;
import org.octet.tensor.FloatTensor;

/** OpenBLAS: sgemm (sgemv for one row); a convolution through im2col in Java. No bias. */
final class BlasPeer implements Peer {
  private final OpenBlasGemm gemm;
  private final OpenBlasConv conv;
  private final int n;
  private final float[] bias;
  private final float[] out;
  private FloatPointer last;

  BlasPeer(Operands o) {
    FloatTensor w = FloatTensor.of(o.wFloat(), OctetPeer.weightDims(o));
    Operands.Conv c = o.conv();
    n = o.n();
    bias = o.bias();
    out = new float[o.outputs()];
    if (c == null) {
      gemm = new OpenBlasGemm(FloatTensor.of(o.xFloat(), o.rows(), o.k()), w);
      conv = null;
    } else {
      FloatTensor x = FloatTensor.of(o.xFloat(), 1, c.size(), c.size(), c.in());
      gemm = null;
      conv = new OpenBlasConv(x.permute(0, 3, 1, 2).contiguous(), w, OctetPeer.geometry(c));
    }
  }

  @Override
  public String name() {
    return "openblasFp32";
  }

  @Override
  public void run() {
    last = gemm == null ? conv.run() : gemm.run();
  }

  /** With the bias, which the product leaves out. */
  @Override
  public float[] output() {
    last.get(out);
    for (int i = 0; i < out.length; i++) {
      out[i] += bias[i % n];
    }
    return out;
  }

  @Override
  public void close() {
    if (gemm == null) {
      conv.close();
    } else {
      gemm.close();
    }
  }
}
