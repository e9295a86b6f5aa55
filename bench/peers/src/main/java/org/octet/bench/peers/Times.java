package org.octet.bench.peers;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * What one round measured: nanoseconds of one call for each competitor, and for the peaks 10^9
 * multiply-accumulates a second. 0 stands for a competitor that this row does not have.
 */
@AuxCounters(AuxCounters.Type.EVENTS)
@State(Scope.Thread)
public class Times {
  /** Ours; zero point of the input 128 where it is quantized. */
  public double octet;

  /** Ours with zero point 0. */
  public double octetZp0;

  /** Our fixed-order float kernel. */
  public double octetFp32;

  /** oneDNN, zero point of the source 0. */
  public double onednnZp0;

  /** oneDNN, zero point of the source 128. */
  public double onednnZp128;

  /** oneDNN, float. */
  public double onednnFp32;

  /** ONNX Runtime: QGemm, DynamicQuantizeMatMul, QLinearConv. */
  public double ort;

  /** ONNX Runtime: QLinearMatMul, which has no bias. */
  public double ortMatMul;

  /** ONNX Runtime, float. */
  public double ortFp32;

  /** PyTorch, engine X86. */
  public double torch;

  /** PyTorch, float. */
  public double torchFp32;

  /** OpenBLAS; a convolution goes through im2col in Java. */
  public double openblasFp32;

  /** Peak of the core for 8 bit products, with the widest instruction that our kernels may use. */
  public double peakInt8;

  /** Peak of the core for float multiply-adds, with the widest registers that ours may use. */
  public double peakFp32;

  /** Cycles a nanosecond. */
  public double clock;

  /** Nanoseconds of reading as many bytes as the weights have, in order; with few rows only. */
  public double readWeights;

  /** Bits of the registers that our kernels use; 0: not x86, or the Java twin. */
  public double registerBits;

  /** Competitors whose output differs from ours. */
  public double mismatches;
}
