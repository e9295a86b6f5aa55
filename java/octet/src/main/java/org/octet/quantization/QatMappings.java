package org.octet.quantization;

import static org.octet.quantization.ConvMappings.conv;
import static org.octet.quantization.ConvMappings.folded;

import org.octet.nn.BatchNorm;
import org.octet.nn.BatchNorm1d;
import org.octet.nn.BatchNorm2d;
import org.octet.nn.BatchNorm3d;
import org.octet.nn.Conv1d;
import org.octet.nn.Conv2d;
import org.octet.nn.Conv3d;
import org.octet.nn.Embedding;
import org.octet.nn.EmbeddingBag;
import org.octet.nn.Linear;
import org.octet.nn.Module;
import org.octet.nn.Sequential;
import org.octet.nn.intrinsic.ConvBn1d;
import org.octet.nn.intrinsic.ConvBn2d;
import org.octet.nn.intrinsic.ConvBn3d;
import org.octet.nn.intrinsic.ConvBnReLU1d;
import org.octet.nn.intrinsic.ConvBnReLU2d;
import org.octet.nn.intrinsic.ConvBnReLU3d;
import org.octet.nn.intrinsic.ConvReLU1d;
import org.octet.nn.intrinsic.ConvReLU2d;
import org.octet.nn.intrinsic.ConvReLU3d;
import org.octet.nn.intrinsic.LinearBn1d;
import org.octet.nn.intrinsic.LinearReLU;
import org.octet.nn.intrinsic.qat.QatConvBn1d;
import org.octet.nn.intrinsic.qat.QatConvBn2d;
import org.octet.nn.intrinsic.qat.QatConvBn3d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU1d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU2d;
import org.octet.nn.intrinsic.qat.QatConvBnReLU3d;
import org.octet.nn.intrinsic.qat.QatConvReLU1d;
import org.octet.nn.intrinsic.qat.QatConvReLU2d;
import org.octet.nn.intrinsic.qat.QatConvReLU3d;
import org.octet.nn.intrinsic.qat.QatLinearBn1d;
import org.octet.nn.intrinsic.qat.QatLinearReLU;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU1d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU2d;
import org.octet.nn.intrinsic.quantized.QuantizedConvReLU3d;
import org.octet.nn.intrinsic.quantized.QuantizedLinearReLU;
import org.octet.nn.qat.QatConv1d;
import org.octet.nn.qat.QatConv2d;
import org.octet.nn.qat.QatConv3d;
import org.octet.nn.qat.QatEmbedding;
import org.octet.nn.qat.QatEmbeddingBag;
import org.octet.nn.qat.QatLinear;
import org.octet.nn.qat.dynamic.DynamicQatLinear;
import org.octet.nn.quantized.QuantizedConv1d;
import org.octet.nn.quantized.QuantizedConv2d;
import org.octet.nn.quantized.QuantizedConv3d;
import org.octet.nn.quantized.QuantizedEmbedding;
import org.octet.nn.quantized.QuantizedEmbeddingBag;
import org.octet.nn.quantized.QuantizedLinear;
import org.octet.quantization.ModuleMappings.Factory;
import org.octet.quantization.ModuleMappings.QatFactory;
import org.octet.quantization.observer.Observer;
import org.octet.tensor.FloatTensor;
import org.octet.tensor.QParams;
import org.octet.tensor.QuantizedTensor;

/** The rows of {@link ModuleMappings} that quantization-aware training adds. */
final class QatMappings {
  private QatMappings() {}

  /** Makes a quantized layer. */
  @FunctionalInterface
  private interface Layer {
    Module create(QuantizedTensor weight, FloatTensor bias, QParams output);
  }

  /** Makes the form for training of a convolution and a batch normalisation. */
  @FunctionalInterface
  private interface Folding<C, B> {
    Module create(C conv, B bn, Observer weightFakeQuant);
  }

  static ModuleMappings add(ModuleMappings m) {
    return m.withQat(Linear.class, QatLinear::new)
        .withQat(Conv1d.class, QatConv1d::new)
        .withQat(Conv2d.class, QatConv2d::new)
        .withQat(Conv3d.class, QatConv3d::new)
        .withQat(LinearReLU.class, QatLinearReLU::new)
        .withQat(ConvReLU1d.class, QatConvReLU1d::new)
        .withQat(ConvReLU2d.class, QatConvReLU2d::new)
        .withQat(ConvReLU3d.class, QatConvReLU3d::new)
        .withQat(LinearBn1d.class, bn(Linear.class, BatchNorm1d.class, QatLinearBn1d::new))
        .withQat(ConvBn1d.class, bn(Conv1d.class, BatchNorm1d.class, QatConvBn1d::new))
        .withQat(ConvBn2d.class, bn(Conv2d.class, BatchNorm2d.class, QatConvBn2d::new))
        .withQat(ConvBn3d.class, bn(Conv3d.class, BatchNorm3d.class, QatConvBn3d::new))
        .withQat(ConvBnReLU1d.class, bn(Conv1d.class, BatchNorm1d.class, QatConvBnReLU1d::new))
        .withQat(ConvBnReLU2d.class, bn(Conv2d.class, BatchNorm2d.class, QatConvBnReLU2d::new))
        .withQat(ConvBnReLU3d.class, bn(Conv3d.class, BatchNorm3d.class, QatConvBnReLU3d::new))
        .withWeightOnly(Embedding.class, QatMappings::embedding)
        .withWeightOnly(EmbeddingBag.class, QatMappings::bag)
        .withWeightOnly(QatEmbedding.class, QatMappings::embedding)
        .withWeightOnly(QatEmbeddingBag.class, QatMappings::bag)
        .withQat(Embedding.class, QatEmbedding::new)
        .withQat(EmbeddingBag.class, QatEmbeddingBag::new)
        .withDynamicQat(Linear.class, DynamicQatLinear::new)
        .withDynamic(DynamicQatLinear.class, ModuleMappings::dynamicLinear)
        .withStatic(QatLinear.class, linear(QuantizedLinear::new))
        .withStatic(QatLinearReLU.class, linear(QuantizedLinearReLU::new))
        .withStatic(QatLinearBn1d.class, QatMappings::foldedLinear)
        .withStatic(QatConv1d.class, conv(QuantizedConv1d::new))
        .withStatic(QatConv2d.class, conv(QuantizedConv2d::new))
        .withStatic(QatConv3d.class, conv(QuantizedConv3d::new))
        .withStatic(QatConvReLU1d.class, conv(QuantizedConvReLU1d::new))
        .withStatic(QatConvReLU2d.class, conv(QuantizedConvReLU2d::new))
        .withStatic(QatConvReLU3d.class, conv(QuantizedConvReLU3d::new))
        .withStatic(QatConvBn1d.class, folded(QuantizedConv1d::new))
        .withStatic(QatConvBn2d.class, folded(QuantizedConv2d::new))
        .withStatic(QatConvBn3d.class, folded(QuantizedConv3d::new))
        .withStatic(QatConvBnReLU1d.class, folded(QuantizedConvReLU1d::new))
        .withStatic(QatConvBnReLU2d.class, folded(QuantizedConvReLU2d::new))
        .withStatic(QatConvBnReLU3d.class, folded(QuantizedConvReLU3d::new));
  }

  private static <C extends Module, B extends BatchNorm> QatFactory<Sequential> bn(
      Class<C> layer, Class<B> bn, Folding<C, B> make) {
    return (f, q) -> make.create(layer.cast(f.get(0)), bn.cast(f.get(1)), q);
  }

  private static Module embedding(Embedding e, Conversion c) {
    return new QuantizedEmbedding(c.quantizeWeight(e.weight()));
  }

  private static Module bag(EmbeddingBag b, Conversion c) {
    return new QuantizedEmbeddingBag(c.quantizeWeight(b.weight()), b.mode(), b.includeLastOffset());
  }

  private static Factory<Linear> linear(Layer layer) {
    return (l, c) -> layer.create(c.quantizeWeight(l.weight()), l.bias(), c.output());
  }

  /** Batch normalisation goes into the weight first, with the running statistics. */
  private static Module foldedLinear(QatLinearBn1d l, Conversion c) {
    FloatTensor[] wb = FusionPatterns.fold(l.weight(), l.bias(), l.bn());
    return new QuantizedLinear(c.quantizeWeight(wb[0]), wb[1], c.output());
  }
}
