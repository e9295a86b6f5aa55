// OCTET_CONV_Q8: convolution and linear layer, u8|s8 x s8 -> u8|s8.
//
// With x' the code as u8 (s8 codes are shifted by 128, their zero point too) the sum over the taps of a class is
//   sum (x' - zx)(w - zw) = sum x'w - zx * sum w + n zx zw - zw * sum x'
// The two middle terms do not depend on the data: they are folded into the bias, per class. The last one is a term per row,
// needed only where weights have a zero point.
#include <string.h>

#include "kernels/scalar.h"
#include "operators/convolution_depthwise.h"
#include "operators/convolution_grouped.h"
#include "operators/convolution_product.h"
#include "operators/convolution_residual.h"
#include "operators/convolution_stretched.h"

namespace octet {

namespace {

class ConvolutionQ8 final : public Operator {
 public:
  int32_t init(const Spec& spec);
  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

  // A product's context, and the reference's.
  class ProductContext;
  class PlainContext;

 private:
  static constexpr int64_t kJoinedColumns = 16;
  // Below this many elements of K the end of a tile of the narrow kernel costs more than its products gain.
  static constexpr int64_t kNarrowElements = 32;

  int32_t pack(const Spec& spec, bool has_zero_point);
  bool is_narrow() const;
  bool join_groups(const int8_t* weight, Array<int8_t>* joined);

  OctetConvGeometry g_ = {};
  OctetConvQ8 parameters_ = {};
  const KernelTable* kernels_ = nullptr;
  bool plain_ = false;
  // The constants as they came: of the reference only, but for the bias.
  Array<int8_t> weight_;
  Array<float> multiplier_;
  Array<int32_t> weight_zero_point_, bias_;
  // Packed; per-column vectors in panel order, all groups one after the other.
  PackedWeights packed_;
  Array<float> packed_multiplier_;
  Array<int32_t> packed_zero_point_, packed_bias_;
  Array<int32_t> tap_sums_;  // [filter taps][positions of all groups]
  bool clamp_first_ = false;
  // Instead of all these.
  DepthwiseQ8 depthwise_;
  GroupedQ8 grouped_;
};

class ConvolutionQ8::PlainContext final : public Context {
 public:
  PlainContext(const ConvolutionQ8& op, const OctetConvGeometry& g) : op_(op), g_(g) {
    rows[0] = g.n * g.od * g.oh;
    row_bytes = g.ow * g.cout;
    output_bytes = rows[0] * row_bytes;
  }
  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    op_.kernels_->conv_q8->run(&g_, &op_.parameters_, b.in[0], b.out, y0, y1);
  }

 private:
  const ConvolutionQ8& op_;
  OctetConvGeometry g_;
};

class ConvolutionQ8::ProductContext final : public Context {
 public:
  explicit ProductContext(const ConvolutionQ8& op) : op_(op) {}

  int32_t init(const OctetConvGeometry& g) {
    const int32_t status = product_.init(g, op_.packed_, 1, 1);
    if (status != OCTET_OK) return status;
    rows[0] = product_.rows();
    row_bytes = product_.row_bytes();
    thread_bytes = product_.thread_bytes();
    output_bytes = g.n * g.od * g.oh * g.ow * g.cout;
    const OctetConvQ8& p = op_.parameters_;
    const int64_t positions = op_.packed_bias_.size();
    const bool signed_a = op_.packed_.kernel.signed_a != 0;
    const uint32_t zero_point = static_cast<uint32_t>(p.in_zero_point + (p.in_signed ? 128 : 0) - (signed_a ? 128 : 0));
    if (!start_.resize(product_.classes() * positions)) return OCTET_OUT_OF_MEMORY;
    for (int64_t c = 0; c < product_.classes(); c++) {
      int32_t* start = start_.data() + c * positions;
      uint32_t count = 0;
      for (int64_t i = 0; i < positions; i++) start[i] = op_.packed_bias_[i];
      for (int64_t tap = 0; tap < op_.packed_.filter_taps; tap++) {
        if (!product_.class_has_tap(c, tap)) continue;
        count += static_cast<uint32_t>(op_.packed_.filter_k);
        const int32_t* sums = op_.tap_sums_.data() + tap * positions;
        for (int64_t i = 0; i < positions; i++) {
          start[i] =
              static_cast<int32_t>(static_cast<uint32_t>(start[i]) - zero_point * static_cast<uint32_t>(sums[i]));
        }
      }
      if (op_.packed_zero_point_.size() == 0) continue;
      for (int64_t i = 0; i < positions; i++) {
        start[i] = static_cast<int32_t>(static_cast<uint32_t>(start[i]) +
                                        count * zero_point * static_cast<uint32_t>(op_.packed_zero_point_[i]));
      }
    }
    ProductArguments& a = arguments_;
    const int32_t shift = p.out_signed ? 128 : 0;
    a.band.flip = (p.in_signed != 0) != signed_a ? 0x80808080u : 0;
    a.band.start = start_.data();
    a.band.multiplier = op_.packed_multiplier_.data();
    a.band.zero_point = p.out_zero_point + shift;
    a.band.qmin = p.qmin + shift;
    a.band.qmax = p.qmax + shift;
    a.band.out_flip = p.out_signed ? 0x80 : 0;
    a.band.clamp_first = op_.clamp_first_;
    a.start_stride = positions;
    if (op_.packed_zero_point_.size() != 0) a.weight_zero_point = op_.packed_zero_point_.data();
    a.code_sum = op_.kernels_->code_sum;
    a.pad_code = static_cast<uint8_t>(p.in_zero_point);
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    product_.run(arguments_, b.in[0], b.out, b.scratch, y0, y1);
  }

 private:
  const ConvolutionQ8& op_;
  Product product_;
  ProductArguments arguments_;
  Array<int32_t> start_;
};

int32_t ConvolutionQ8::init(const Spec& spec) {
  const int64_t in_type = spec.integer(0), out_type = spec.integer(1);
  if (!is_code_type(in_type) || !is_code_type(out_type) || !read_convolution(spec, 2, 19, &g_))
    return OCTET_INVALID_ARGUMENT;
  OctetConvQ8& p = parameters_;
  p.in_signed = in_type == OCTET_S8;
  p.out_signed = out_type == OCTET_S8;
  const auto in_range = [](int64_t code, bool is_signed) {
    return is_signed ? code >= -128 && code <= 127 : code >= 0 && code <= 255;
  };
  if (!in_range(spec.integer(15), p.in_signed)) return OCTET_INVALID_ARGUMENT;
  for (int i = 16; i <= 18; i++) {
    if (!in_range(spec.integer(i), p.out_signed)) return OCTET_INVALID_ARGUMENT;
  }
  p.in_zero_point = static_cast<int32_t>(spec.integer(15));
  p.out_zero_point = static_cast<int32_t>(spec.integer(16));
  p.qmin = static_cast<int32_t>(spec.integer(17));
  p.qmax = static_cast<int32_t>(spec.integer(18));
  if (p.qmin > p.qmax) return OCTET_INVALID_ARGUMENT;
  const int8_t* weight = spec.constant<int8_t>(0);
  const float* multiplier = spec.constant<float>(1);
  const int32_t* zero_point = spec.constant<int32_t>(2);
  const int32_t* bias = spec.constant<int32_t>(3);
  if (weight == nullptr || multiplier == nullptr) return OCTET_INVALID_ARGUMENT;
  for (int64_t i = 0; i < g_.cout; i++) {
    if (multiplier[i] - multiplier[i] != 0) return OCTET_INVALID_ARGUMENT;  // infinite or NaN
  }
  kernels_ = spec.kernels;
  plain_ = kernels_->gemm_q8->run == nullptr;
  bool has_zero_point = false, zero_points_are_codes = true;
  for (int64_t i = 0; zero_point != nullptr && i < g_.cout; i++) {
    has_zero_point |= zero_point[i] != 0;
    zero_points_are_codes &= zero_point[i] >= -128 && zero_point[i] <= 127;
  }
  const DepthwiseQ8Kernel& depthwise_kernel = DepthwiseQ8::kernel_for(spec.isa, has_zero_point);
  const bool depthwise = DepthwiseQ8::fits(depthwise_kernel, g_) && zero_points_are_codes;
  if (depthwise || (GroupedQ8::fits(*kernels_->grouped_q8, g_) && !has_zero_point)) {
    p.weight = weight;
    p.multiplier = multiplier;
    p.bias = bias;
    p.weight_zero_point = has_zero_point ? zero_point : nullptr;
    const bool packed =
        depthwise ? depthwise_.init(depthwise_kernel, g_, p) : grouped_.init(*kernels_->grouped_q8, g_, p);
    p.weight = nullptr;
    p.multiplier = nullptr;
    p.bias = nullptr;
    p.weight_zero_point = nullptr;
    return packed ? OCTET_OK : OCTET_OUT_OF_MEMORY;
  }
  if (!plain_) return pack(spec, has_zero_point);
  const int64_t weights = g_.cout * g_.kd * g_.kh * g_.kw * (g_.cin / g_.groups);
  if (!weight_.assign(weight, weights) || !multiplier_.assign(multiplier, g_.cout) ||
      (zero_point != nullptr && !weight_zero_point_.assign(zero_point, g_.cout)) ||
      (bias != nullptr && !bias_.assign(bias, g_.cout))) {
    return OCTET_OUT_OF_MEMORY;
  }
  p.weight = weight_.data();
  p.multiplier = multiplier_.data();
  p.weight_zero_point = zero_point != nullptr ? weight_zero_point_.data() : nullptr;
  p.bias = bias != nullptr ? bias_.data() : nullptr;
  return OCTET_OK;
}

// Joins neighbouring groups of few channels into one with zero weights across them, as long as the result's columns fit
// the narrowest panel: the same number of multiplications, in fewer and fuller tiles. *joined stays empty when nothing is
// gained. Not for weights with a zero point, which the zeros across would need too.
bool ConvolutionQ8::join_groups(const int8_t* weight, Array<int8_t>* joined) {
  const int64_t channels = g_.cin / g_.groups, columns = g_.cout / g_.groups, taps = g_.kd * g_.kh * g_.kw;
  int64_t factor = 1;
  while (g_.groups % (2 * factor) == 0 && 2 * factor * columns <= kJoinedColumns) factor *= 2;
  if (factor == 1) return true;
  const int64_t wide = factor * channels;
  if (!joined->resize(g_.cout * taps * wide)) return false;
  memset(joined->data(), 0, static_cast<size_t>(joined->size()));
  for (int64_t o = 0; o < g_.cout; o++) {
    const int64_t place = o / columns % factor;
    for (int64_t tap = 0; tap < taps; tap++) {
      memcpy(joined->data() + (o * taps + tap) * wide + place * channels, weight + (o * taps + tap) * channels,
             static_cast<size_t>(channels));
    }
  }
  g_.groups /= factor;
  return true;
}

// Columns that fill one panel of the narrow kernel, but not the registers of the usual one.
bool ConvolutionQ8::is_narrow() const {
  const GemmKernel& narrow = *kernels_->gemm_q8_narrow;
  if (narrow.run == nullptr) return false;
  const int64_t channels = g_.cin / g_.groups, most = narrow.lanes * narrow.max_vectors, columns = g_.cout / g_.groups;
  return columns <= most && columns > most - narrow.lanes && channels % narrow.k_group == 0 &&
         channels * g_.kd * g_.kh * g_.kw >= kNarrowElements;
}

int32_t ConvolutionQ8::pack(const Spec& spec, bool has_zero_point) {
  const int8_t* weight = spec.constant<int8_t>(0);
  Array<int8_t> joined;
  if (!has_zero_point && !join_groups(weight, &joined)) return OCTET_OUT_OF_MEMORY;
  if (joined.size() != 0) weight = joined.data();
  const float* multiplier = spec.constant<float>(1);
  const int32_t* zero_point = spec.constant<int32_t>(2);
  const int32_t* bias = spec.constant<int32_t>(3);
  const bool narrow = is_narrow();
  const GemmKernel& kernel = narrow ? *kernels_->gemm_q8_narrow : *kernels_->gemm_q8;
  if (!packed_.init(kernel, g_, weight, !narrow)) return OCTET_OUT_OF_MEMORY;
  const PanelLayout& layout = packed_.layout;
  const int64_t positions = layout.positions(), all = positions * g_.groups, columns = g_.cout / g_.groups;
  if (!packed_multiplier_.resize(all) || !packed_bias_.resize(all) || !tap_sums_.resize(packed_.filter_taps * all) ||
      (has_zero_point && !packed_zero_point_.resize(all))) {
    return OCTET_OUT_OF_MEMORY;
  }
  for (int64_t group = 0; group < g_.groups; group++) {
    const int64_t first = group * columns, at = group * positions;
    layout.spread(multiplier + first, 0.0f, packed_multiplier_.data() + at);
    if (has_zero_point) layout.spread(zero_point + first, 0, packed_zero_point_.data() + at);
    for (int64_t i = 0; i < positions; i++) {
      const int64_t column = layout.column(i);
      packed_bias_[at + i] = bias != nullptr && column >= 0 ? bias[first + column] : 0;
      int64_t largest = 0;
      for (int64_t tap = 0; tap < packed_.filter_taps; tap++) {
        uint32_t sum = 0;  // modulo 2^32, like the product
        const int8_t* w = weight + ((first + column) * packed_.filter_taps + tap) * packed_.filter_k;
        for (int64_t k = 0; column >= 0 && k < packed_.filter_k; k++) {
          sum += static_cast<uint32_t>(w[k]);
          const int64_t difference = w[k] - static_cast<int64_t>(has_zero_point ? zero_point[first + column] : 0);
          largest += difference < 0 ? -difference : difference;
        }
        tap_sums_[tap * all + at + i] = static_cast<int32_t>(sum);
      }
      if (column < 0) continue;
      clamp_first_ |= leaves_int_range(largest, packed_bias_[at + i], multiplier[first + column]);
    }
  }
  return OCTET_OK;
}

int32_t ConvolutionQ8::shape(const int64_t* dims, int32_t slots, Context** context) const {
  OctetConvGeometry g = g_;
  if (!shape_convolution(dims, slots, &g)) return OCTET_INVALID_ARGUMENT;
  if (depthwise_.ready()) return depthwise_.shape(g, context);
  if (grouped_.ready()) return grouped_.shape(g, context);
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
  const float* multiplier = spec.constant<float>(1);
  const int32_t* bias = spec.constant<int32_t>(3);
  const int32_t zero_point = static_cast<int32_t>(spec.integer(16));
  const float lo = static_cast<float>(spec.integer(17) - zero_point),
              hi = static_cast<float>(spec.integer(18) - zero_point);
  for (int64_t o = 0; o < g.cout; o++) {
    const float t = static_cast<float>(bias != nullptr ? bias[o] : 0) * multiplier[o];
    values[o] = scalar::to_code(t, lo, hi, zero_point);
  }
}

}  // namespace

int32_t create_convolution_q8(const Spec& spec, Operator** op) {
  if (has_residual(spec)) return create_residual(create_convolution_q8, spec, op);
  if (is_stretched(spec, 19) && spec.kernels->gemm_q8->run != nullptr) {
    return create_stretched({2, 19, 1, create_convolution_q8, nothing_seen}, spec, op);
  }
  return initialised(new ConvolutionQ8, op, spec);
}

}  // namespace octet
