// OCTET_CONV_F32: convolution and linear layer in the fixed order.
#include "kernels/scalar.h"
#include "operators/convolution_depthwise.h"
#include "operators/convolution_product.h"
#include "operators/convolution_stretched.h"

namespace octet {

namespace {

class ConvolutionF32 final : public Operator {
 public:
  int32_t init(const Spec& spec);
  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class ProductContext;
  class PlainContext;

  OctetConvGeometry g_ = {};
  OctetConvF32 parameters_ = {};
  const KernelTable* kernels_ = nullptr;
  bool plain_ = false;
  Array<float> weight_, bias_;  // as they came: of the reference
  PackedWeights packed_;
  Array<float> packed_bias_;  // in panel order, all groups one after the other
  DepthwiseF32 depthwise_;    // instead of all these
};

class ConvolutionF32::PlainContext final : public Context {
 public:
  PlainContext(const ConvolutionF32& op, const OctetConvGeometry& g) : op_(op), g_(g) {
    rows[0] = g.n * g.od * g.oh;
    output_bytes = rows[0] * g.ow * g.cout * 4;
  }
  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    op_.kernels_->conv_f32->run(&g_, &op_.parameters_, reinterpret_cast<const float*>(b.in[0]),
                                reinterpret_cast<float*>(b.out), y0, y1);
  }

 private:
  const ConvolutionF32& op_;
  OctetConvGeometry g_;
};

class ConvolutionF32::ProductContext final : public Context {
 public:
  explicit ProductContext(const ConvolutionF32& op) : op_(op) {}

  int32_t init(const OctetConvGeometry& g) {
    const int32_t status = product_.init(g, op_.packed_, 4, 4);
    if (status != OCTET_OK) return status;
    rows[0] = product_.rows();
    thread_bytes = product_.thread_bytes();
    output_bytes = g.n * g.od * g.oh * g.ow * g.cout * 4;
    arguments_.band.bias = op_.packed_bias_.data();
    arguments_.band.lo = op_.parameters_.lo;
    arguments_.band.hi = op_.parameters_.hi;
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    product_.run(arguments_, b.in[0], b.out, b.scratch, y0, y1);
  }

 private:
  const ConvolutionF32& op_;
  Product product_;
  ProductArguments arguments_;
};

int32_t ConvolutionF32::init(const Spec& spec) {
  if (!read_convolution(spec, 0, 15, &g_)) return OCTET_INVALID_ARGUMENT;
  const float* weight = spec.constant<float>(0);
  const float* bias = spec.constant<float>(1);
  if (weight == nullptr) return OCTET_INVALID_ARGUMENT;
  parameters_.lo = spec.real(13);
  parameters_.hi = spec.real(14);
  kernels_ = spec.kernels;
  plain_ = kernels_->gemm_f32->run == nullptr;
  if (DepthwiseF32::fits(*kernels_->depthwise_f32, g_)) {
    parameters_.weight = weight;
    parameters_.bias = bias;
    const bool packed = depthwise_.init(*kernels_->depthwise_f32, g_, parameters_);
    parameters_.weight = nullptr;
    parameters_.bias = nullptr;
    return packed ? OCTET_OK : OCTET_OUT_OF_MEMORY;
  }
  if (plain_) {
    const int64_t weights = g_.cout * g_.kd * g_.kh * g_.kw * (g_.cin / g_.groups);
    if (!weight_.assign(weight, weights) || (bias != nullptr && !bias_.assign(bias, g_.cout)))
      return OCTET_OUT_OF_MEMORY;
    parameters_.weight = weight_.data();
    parameters_.bias = bias != nullptr ? bias_.data() : nullptr;
    return OCTET_OK;
  }
  if (!packed_.init(*kernels_->gemm_f32, g_, weight, false)) return OCTET_OUT_OF_MEMORY;
  if (bias == nullptr) return OCTET_OK;
  const PanelLayout& layout = packed_.layout;
  if (!packed_bias_.resize(layout.positions() * g_.groups)) return OCTET_OUT_OF_MEMORY;
  for (int64_t group = 0; group < g_.groups; group++) {
    layout.spread(bias + group * (g_.cout / g_.groups), 0.0f, packed_bias_.data() + group * layout.positions());
  }
  return OCTET_OK;
}

int32_t ConvolutionF32::shape(const int64_t* dims, int32_t slots, Context** context) const {
  OctetConvGeometry g = g_;
  if (!shape_convolution(dims, slots, &g)) return OCTET_INVALID_ARGUMENT;
  if (depthwise_.ready()) return depthwise_.shape(g, context);
  if (plain_) {
    *context = new PlainContext(*this, g);
    return *context != nullptr ? OCTET_OK : OCTET_OUT_OF_MEMORY;
  }
  ProductContext* product = new ProductContext(*this);
  if (product == nullptr) return OCTET_OUT_OF_MEMORY;
  const int32_t status = product->init(g);
  if (status != OCTET_OK) {
    delete product;
    return status;
  }
  *context = product;
  return OCTET_OK;
}

// The outputs of a pixel that sees no tap.
void nothing_seen(const Spec& spec, const OctetConvGeometry& g, uint8_t* values) {
  const float* bias = spec.constant<float>(1);
  for (int64_t o = 0; o < g.cout; o++) {
    const float v = bias != nullptr ? 0.0f + bias[o] : 0.0f;
    reinterpret_cast<float*>(values)[o] = scalar::clamp(v, spec.real(13), spec.real(14));
  }
}

}  // namespace

int32_t create_convolution_f32(const Spec& spec, Operator** op) {
  if (is_stretched(spec, 15) && spec.kernels->gemm_f32->run != nullptr) {
    return create_stretched({0, 15, 4, create_convolution_f32, nothing_seen}, spec, op);
  }
  return initialised(new ConvolutionF32, op, spec);
}

}  // namespace octet
