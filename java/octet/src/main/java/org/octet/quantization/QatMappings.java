package org.octet.quantization;

import org.octet.nn.BatchNorm;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Embedding;
import org.octet.nn.EmbeddingBag;
import org.octet.nn.Linear;
import org.octet.nn.intrinsic.ConvBn1d;
import org.octet.nn.intrinsic.ConvBn2d;
import org.octet.nn.intrinsic.ConvBnReLU1d;
import org.octet.nn.intrinsic.ConvBnReLU2d;
import org.octet.nn.intrinsic.ConvReLU1d;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.intrinsic.LinearBn1d;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.intrinsic.qat.QatConvBn1d;
import org.octet.nn.intrinsic.qat.QatConvBn2d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU1d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU2d;
import org.octet.nn.intrinsic.qat.QatConvReLU1d;
import org.octet.nn.intrinsic.qat.QatConvReLU2d;
import org.octet.nn.intrinsic.qat.QatLinearBn1d;
import org.octet.nn.intrinsic.qat.QatLinearReLU;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU1d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.qat.QatConv1d;
import org.octet.nn.qat.QatConv2d;
import org.octet.nn.qat.QatEmbedding;
import org.octet.nn.qat.QatEmbeddingBag;
import org.octet.nn.qat.QatLinear;
import org.octet.nn.quantized.QuantizedConv1d;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.ops.ConvGeometry;
import org.octet.quantization.ModuleMappings.Factory;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** The rows of {@link ModuleMappings} that quantization-aware training adds. */
final class QatMappings {
  private QatMappings() {}

  /** Makes a quantized layer. */
  @FunctionalInterface
  private interface Layer {
    org.octet.nn.Module create(QuantizedTensor weight, FloatTensor bias, QParams output);
  }

  /** Makes a quantized convolution. */
  @FunctionalInterface
  private interface Conv {
    org.octet.nn.Module create(
        ConvGeometry g, QuantizedTensor weight, FloatTensor bias, QParams output);
  }

  static ModuleMappings add(ModuleMappings m) {
    return m.withQat(Linear.class, QatLinear::new)
        .withQat(Conv1d.class, QatConv1d::new)
        .withQat(Conv2d.class, QatConv2d::new)
        .withQat(LinearReLU.class, QatLinearReLU::new)
        .withQat(ConvReLU1d.class, QatConvReLU1d::new)
        .withQat(ConvReLU2d.class, QatConvReLU2d::new)
        .withQat(
            LinearBn1d.class,
            (f, q) -> new QatLinearBn1d((Linear) f.get(0), (BatchNorm1d) f.get(1), q))
        .withQat(
            ConvBn1d.class, (f, q) -> new QatConvBn1d((Conv1d) f.get(0), (BatchNorm1d) f.get(1), q))
        .withQat(
            ConvBn2d.class, (f, q) -> new QatConvBn2d((Conv2d) f.get(0), (BatchNorm2d) f.get(1), q))
        .withQat(
            ConvBnReLU1d.class,
            (f, q) -> new QatConvBnReLU1d((Conv1d) f.get(0), (BatchNorm1d) f.get(1), q))
        .withQat(
            ConvBnReLU2d.class,
            (f, q) -> new QatConvBnReLU2d((Conv2d) f.get(0), (BatchNorm2d) f.get(1), q))
        .withQat(Embedding.class, QatEmbedding::new)
        .withQat(EmbeddingBag.class, QatEmbeddingBag::new)
        .withStatic(QatLinear.class, linear(QuantizedLinear::new))
        .withStatic(QatLinearReLU.class, linear(QuantizedLinearReLU::new))
        .withStatic(
            QatLinearBn1d.class,
            (l, c) -> folded(l.weight(), l.bias(), l.bn(), c, QuantizedLinear::new))
        .withStatic(QatConv1d.class, conv(QuantizedConv1d::new))
        .withStatic(QatConv2d.class, conv(QuantizedConv2d::new))
        .withStatic(QatConvReLU1d.class, conv(QuantizedConvReLU1d::new))
        .withStatic(QatConvReLU2d.class, conv(QuantizedConvReLU2d::new))
        .withStatic(QatConvBn1d.class, (v, c) -> folded(v, v.bn(), c, QuantizedConv1d::new))
        .withStatic(QatConvBn2d.class, (v, c) -> folded(v, v.bn(), c, QuantizedConv2d::new))
        .withStatic(QatConvBnReLU1d.class, (v, c) -> folded(v, v.bn(), c, QuantizedConvReLU1d::new))
        .withStatic(
            QatConvBnReLU2d.class, (v, c) -> folded(v, v.bn(), c, QuantizedConvReLU2d::new));
  }

  private static Factory<Linear> linear(Layer layer) {
    return (l, c) -> layer.create(c.quantizeWeight(l.weight()), l.bias(), c.output());
  }

  private static Factory<org.octet.nn.Conv> conv(Conv conv) {
    return (v, c) -> conv.create(v.geometry(), c.quantizeWeight(v.weight()), v.bias(), c.output());
  }

  private static org.octet.nn.Module folded(
      org.octet.nn.Conv v, BatchNorm bn, Conversion c, Conv conv) {
    return folded(
        v.weight(), v.bias(), bn, c, (w, b, output) -> conv.create(v.geometry(), w, b, output));
  }

  /** Batch normalisation goes into the weight first, with the running statistics. */
  private static org.octet.nn.Module folded(
      FloatTensor weight, FloatTensor bias, BatchNorm bn, Conversion c, Layer layer) {
    FloatTensor[] wb = FusionPatterns.fold(weight, bias, bn);
    return layer.create(c.quantizeWeight(wb[0]), wb[1], c.output());
  }
}
