package org.octet.quantization;

import org.octet.nn.BatchNorm;
import org.octet.nn.Conv;
import org.octet.nn.ConvTranspose;
import org.octet.nn.Module;
import org.octet.nn.intrinsic.ConvReLU;
import org.octet.nn.intrinsic.qat.QatConvBn;
import org.octet.ops.ConvGeometry;
import org.octet.ops.TransposedGeometry;
import org.octet.quantization.ModuleMappings.Factory;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** What becomes of convolutions, whatever their dimensions. */
final class ConvMappings {
  private ConvMappings() {}

  /** Makes a quantized convolution. */
  @FunctionalInterface
  interface Quantized {
    Module create(ConvGeometry geometry, QuantizedTensor weight, FloatTensor bias, QParams output);
  }

  static Factory<Conv> conv(Quantized type) {
    return (v, c) -> type.create(v.geometry(), c.quantizeWeight(v.weight()), v.bias(), c.output());
  }

  static Factory<ConvReLU> convReLU(Quantized type) {
    return (m, c) -> conv(type).create((Conv) m.conv(), c);
  }

  /** Makes a quantized transposed convolution. */
  @FunctionalInterface
  interface Transposed {
    Module create(
        TransposedGeometry geometry, QuantizedTensor weight, FloatTensor bias, QParams output);
  }

  /** Weight observers look at output channels first, which stand second here. */
  static Factory<ConvTranspose> transposed(Transposed type) {
    return (v, c) -> {
      FloatTensor outputsFirst = (FloatTensor) v.weight().transpose(0, 1).contiguous();
      QuantizedTensor weight = c.quantizeWeight(outputsFirst).transpose(0, 1).contiguous();
      return type.create(v.geometry(), weight, v.bias(), c.output());
    };
  }

  /** Batch normalisation goes into the weight first, with the running statistics. */
  static Factory<QatConvBn> folded(Quantized type) {
    return (v, c) -> {
      FloatTensor[] wb = FusionPatterns.fold(v.weight(), v.bias(), (BatchNorm) v.bn());
      return type.create(v.geometry(), c.quantizeWeight(wb[0]), wb[1], c.output());
    };
  }
}
