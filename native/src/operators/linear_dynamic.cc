// OCTET_LINEAR_DYNAMIC_Q8: the activations are quantized with qparams chosen from their own minimum and maximum, over the
// whole input or row by row, and multiplied exactly; the result is float.
//
//   sum (x - zx)(w - zw) = sum xw - zx * (sum w - K zw) - zw * sum x      the last two are terms of row * column
//
// Phases: per tensor {range of blocks} {codes} {product}; per row {range and codes} {product}.
#include "kernels/dynamic_qparams.h"
#include "operators/convolution_product.h"

namespace octet {

namespace {

constexpr int64_t kRangeBlocks = 64;

class LinearDynamic final : public Operator {
 public:
  int32_t init(const Spec& spec);
  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class ProductContext;
  class PlainContext;

  OctetLinearDynamic parameters_ = {};
  const KernelTable* kernels_ = nullptr;
  bool plain_ = false;
  Array<int8_t> weight_;  // the constants as they came: of the reference
  Array<float> scale_, bias_;
  Array<int32_t> zero_point_;
  PackedWeights packed_;
  Array<float> packed_scale_, packed_bias_;
  Array<int32_t> packed_zero_point_, column_sums_, zeros_;
};

class LinearDynamic::PlainContext final : public Context {
 public:
  PlainContext(const LinearDynamic& op, int64_t m) : op_(op), p_(op.parameters_) {
    p_.m = m;
    rows[0] = m;
    output_bytes = m * p_.n * 4;
  }
  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    op_.kernels_->gemm_dynamic->run(&p_, reinterpret_cast<const float*>(b.in[0]), reinterpret_cast<float*>(b.out), y0,
                                    y1);
  }

 private:
  const LinearDynamic& op_;
  OctetLinearDynamic p_;
};

class LinearDynamic::ProductContext final : public Context {
 public:
  explicit ProductContext(const LinearDynamic& op) : op_(op), m_(0) {}

  int32_t init(int64_t m) {
    const OctetLinearDynamic& p = op_.parameters_;
    OctetConvGeometry g = {m, 1, 1, 1, 1, p.k, p.n, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1};
    const int32_t status = product_.init(g, op_.packed_, 1, 4);
    if (status != OCTET_OK) return status;
    m_ = m;
    phases = p.per_row ? 2 : 3;
    block_ = (m * p.k + kRangeBlocks - 1) / kRangeBlocks;
    if (block_ < 4096) block_ = 4096;
    if (!p.per_row) rows[0] = (m * p.k + block_ - 1) / block_;
    rows[phases - 2] = m;
    rows[phases - 1] = product_.rows();
    thread_bytes = product_.thread_bytes();
    output_bytes = m * p.n * 4;
    // shared: {min, max} of blocks, then per row the scale, -zero point, -sum of codes, then the codes
    scales_ = align_up(kRangeBlocks * 2 * 4);
    zeros_ = scales_ + align_up(m * 4);
    sums_ = zeros_ + align_up(m * 4);
    codes_ = sums_ + align_up(m * 4);
    shared_bytes = codes_ + align_up(m * p.k + 64);
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    const OctetLinearDynamic& p = op_.parameters_;
    const float* in = reinterpret_cast<const float*>(b.in[0]);
    if (phase == phases - 1) {
      multiply(b, y0, y1);
    } else if (p.per_row) {
      for (int64_t y = y0; y < y1; y++) {
        float min, max;
        op_.kernels_->gemm_range->run(in + y * p.k, p.k, &min, &max);
        quantize(b, dynamic_qparams(min, max, p.reduce_range != 0), y, y + 1);
      }
    } else if (phase == 0) {
      float* ranges = reinterpret_cast<float*>(b.shared);
      for (int64_t y = y0; y < y1; y++) {
        const int64_t begin = y * block_, left = m_ * p.k - begin;
        op_.kernels_->gemm_range->run(in + begin, left < block_ ? left : block_, ranges + 2 * y, ranges + 2 * y + 1);
      }
    } else if (y0 < y1) {
      const float* ranges = reinterpret_cast<const float*>(b.shared);
      float min = ranges[0], max = ranges[1];
      for (int64_t i = 1; i < rows[0]; i++) {
        min = ranges[2 * i] < min ? ranges[2 * i] : min;
        max = ranges[2 * i + 1] > max ? ranges[2 * i + 1] : max;
      }
      quantize(b, dynamic_qparams(min, max, p.reduce_range != 0), y0, y1);
    }
  }

 private:
  void quantize(const Buffers& b, const DynamicQParams& q, int64_t y0, int64_t y1) const {
    const OctetLinearDynamic& p = op_.parameters_;
    const OctetQuantizeParams quantizer = dynamic_quantizer(q, p.reduce_range != 0);
    const int32_t shift = op_.packed_.kernel.signed_a ? 128 : 0;
    uint8_t* codes = b.shared + codes_;
    op_.kernels_->quantize->run(reinterpret_cast<const float*>(b.in[0]) + y0 * p.k, (y1 - y0) * p.k, &quantizer,
                                codes + y0 * p.k);
    for (int64_t y = y0; y < y1; y++) {
      reinterpret_cast<float*>(b.shared + scales_)[y] = q.scale;
      reinterpret_cast<int32_t*>(b.shared + zeros_)[y] = shift - q.zero_point;
      if (op_.packed_zero_point_.size() == 0) continue;
      // Modulo 2^32, like the product.
      const uint32_t sum = static_cast<uint32_t>(op_.kernels_->code_sum->u8(codes + y * p.k, p.k)) -
                           static_cast<uint32_t>(shift) * static_cast<uint32_t>(p.k);
      reinterpret_cast<int32_t*>(b.shared + sums_)[y] = static_cast<int32_t>(0u - sum);
    }
  }

  void multiply(const Buffers& b, int64_t y0, int64_t y1) const {
    const GemmTerm terms[2] = {
        {reinterpret_cast<const int32_t*>(b.shared + zeros_), op_.column_sums_.data()},
        {reinterpret_cast<const int32_t*>(b.shared + sums_), op_.packed_zero_point_.data()},
    };
    ProductArguments a;
    a.band.start = op_.zeros_.data();
    a.band.terms = terms;
    a.band.term_count = op_.packed_zero_point_.size() != 0 ? 2 : 1;
    a.band.flip = op_.packed_.kernel.signed_a ? 0x80808080u : 0;
    a.band.dequantize = 1;
    a.band.row_scale = reinterpret_cast<const float*>(b.shared + scales_);
    a.band.row_scale_step = op_.parameters_.per_row ? 1 : 0;
    a.band.multiplier = op_.packed_scale_.data();
    a.band.bias = op_.packed_bias_.data();
    a.band.lo = op_.parameters_.lo;
    a.band.hi = op_.parameters_.hi;
    product_.run(a, b.shared + codes_, b.out, b.scratch, y0, y1);
  }

  const LinearDynamic& op_;
  Product product_;
  int64_t m_, block_ = 0, scales_ = 0, zeros_ = 0, sums_ = 0, codes_ = 0;
};

int32_t LinearDynamic::init(const Spec& spec) {
  OctetLinearDynamic& p = parameters_;
  p.k = spec.integer(0);
  p.n = spec.integer(1);
  p.reduce_range = spec.integer(2) != 0;
  p.per_row = spec.integer(3) != 0;
  p.lo = spec.real(4);
  p.hi = spec.real(5);
  const int8_t* weight = spec.constant<int8_t>(0);
  const float* scale = spec.constant<float>(1);
  const int32_t* zero_point = spec.constant<int32_t>(2);
  const float* bias = spec.constant<float>(3);
  const int64_t kLimit = int64_t{1} << 30;
  if (p.k < 1 || p.n < 1 || p.k > kLimit || p.n > kLimit || weight == nullptr || scale == nullptr) {
    return OCTET_INVALID_ARGUMENT;
  }
  bool has_zero_point = false;
  for (int64_t i = 0; zero_point != nullptr && i < p.n; i++) has_zero_point |= zero_point[i] != 0;
  kernels_ = spec.kernels;
  plain_ = kernels_->gemm_q8->run == nullptr;
  if (plain_) {
    if (!weight_.assign(weight, p.n * p.k) || !scale_.assign(scale, p.n) ||
        (has_zero_point && !zero_point_.assign(zero_point, p.n)) || (bias != nullptr && !bias_.assign(bias, p.n))) {
      return OCTET_OUT_OF_MEMORY;
    }
    p.weight = weight_.data();
    p.weight_scale = scale_.data();
    p.weight_zero_point = has_zero_point ? zero_point_.data() : nullptr;
    p.bias = bias != nullptr ? bias_.data() : nullptr;
    return OCTET_OK;
  }
  OctetConvGeometry g = {0, 0, 0, 0, 0, p.k, p.n, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1};
  if (!packed_.init(*kernels_->gemm_q8, g, weight, false)) return OCTET_OUT_OF_MEMORY;
  const PanelLayout& layout = packed_.layout;
  const int64_t positions = layout.positions();
  if (!packed_scale_.resize(positions) || (bias != nullptr && !packed_bias_.resize(positions)) ||
      (has_zero_point && !packed_zero_point_.resize(positions)) || !column_sums_.resize(positions) ||
      !zeros_.resize(positions)) {
    return OCTET_OUT_OF_MEMORY;
  }
  layout.spread(scale, 0.0f, packed_scale_.data());
  if (bias != nullptr) layout.spread(bias, 0.0f, packed_bias_.data());
  if (has_zero_point) layout.spread(zero_point, 0, packed_zero_point_.data());
  for (int64_t i = 0; i < positions; i++) {
    const int64_t column = layout.column(i);
    zeros_[i] = 0;
    uint32_t sum = 0;
    for (int64_t k = 0; column >= 0 && k < p.k; k++) sum += static_cast<uint32_t>(weight[column * p.k + k]);
    if (has_zero_point && column >= 0) sum -= static_cast<uint32_t>(p.k) * static_cast<uint32_t>(zero_point[column]);
    column_sums_[i] = static_cast<int32_t>(sum);
  }
  return OCTET_OK;
}

int32_t LinearDynamic::shape(const int64_t* dims, int32_t slots, Context** context) const {
  int64_t bytes;
  if (slots < 1 || !product(&bytes, dims[0], parameters_.k, int64_t{4}) ||
      !product(&bytes, dims[0], parameters_.n, int64_t{4})) {
    return OCTET_INVALID_ARGUMENT;
  }
  if (plain_) {
    *context = new PlainContext(*this, dims[0]);
    return *context != nullptr ? OCTET_OK : OCTET_OUT_OF_MEMORY;
  }
  return initialised(new ProductContext(*this), context, dims[0]);
}

}  // namespace

int32_t create_linear_dynamic(const Spec& spec, Operator** op) { return initialised(new LinearDynamic, op, spec); }

}  // namespace octet
