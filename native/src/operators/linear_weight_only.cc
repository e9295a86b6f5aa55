// OCTET_LINEAR_WEIGHT_ONLY: float activations, weights of 8 or 4 bits with a scale a group. A row of work is a panel of
// columns: such layers have few rows of input.
#include "kernels/weight_only.h"
#include "operators/blocks.h"
#include "pack/panels.h"

namespace octet {

namespace {

class LinearWeightOnly final : public Operator {
 public:
  int32_t init(const Spec& spec);
  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class PanelContext;

  const WeightOnlyKernel* kernel_ = nullptr;
  int64_t k_ = 0, n_ = 0, bits_ = 8, group_ = 0;
  float lo_ = 0, hi_ = 0;
  PanelLayout layout_;
  Array<uint8_t> weight_;
  Array<float> scale_, bias_;  // [groups][positions], [positions]
};

class LinearWeightOnly::PanelContext final : public Context {
 public:
  PanelContext(const LinearWeightOnly& op, int64_t m) : op_(op), m_(m) {
    rows[0] = m == 0 ? 0 : op.layout_.count();
    output_bytes = m * op.n_ * 4;
  }

  void run_rows(const Buffers& b, int, int64_t p0, int64_t p1) const override {
    WeightOnlyBand band;
    band.a = input<float>(b, 0);
    band.a_stride = op_.k_;
    band.out_stride = op_.n_;
    band.rows = static_cast<int32_t>(m_);
    band.groups = static_cast<int32_t>(op_.k_ / op_.group_);
    band.group_steps = static_cast<int32_t>(op_.bits_ == 8 ? op_.group_ : op_.group_ / 2);
    band.scale_stride = op_.layout_.positions();
    band.lo = op_.lo_;
    band.hi = op_.hi_;
    for (int64_t p = p0; p < p1; p++) {
      const Panel& panel = op_.layout_.panel(p);
      band.out = output<float>(b) + panel.column;
      band.panel = op_.weight_.data() + panel.offset;
      band.columns = panel.columns;
      band.vectors = panel.vectors;
      band.scale = op_.scale_.data() + panel.position;
      band.bias = op_.bias_.size() != 0 ? op_.bias_.data() + panel.position : nullptr;
      (op_.bits_ == 8 ? op_.kernel_->run8 : op_.kernel_->run4)(band);
    }
  }

 private:
  const LinearWeightOnly& op_;
  int64_t m_;
};

int32_t LinearWeightOnly::init(const Spec& spec) {
  k_ = spec.integer(0);
  n_ = spec.integer(1);
  bits_ = spec.integer(2);
  group_ = spec.integer(3);
  lo_ = spec.real(4);
  hi_ = spec.real(5);
  kernel_ = spec.kernels->gemm_weight_only;
  const int8_t* weight = spec.constant<int8_t>(0);
  const float* scale = spec.constant<float>(1);
  const float* bias = spec.constant<float>(2);
  const int64_t kLimit = int64_t{1} << 30;
  int64_t count;
  if (k_ < 1 || n_ < 1 || k_ > kLimit || n_ > kLimit || (bits_ != 8 && bits_ != 4) || group_ < 1 || k_ % group_ != 0 ||
      (bits_ == 4 && group_ % 2 != 0) || weight == nullptr || scale == nullptr || !product(&count, k_, n_)) {
    return OCTET_INVALID_ARGUMENT;
  }
  // Two weights of 4 bits make one byte.
  Array<uint8_t> bytes;
  const int64_t per_byte = bits_ == 8 ? 1 : 2;
  if (!bytes.resize(count / per_byte)) return OCTET_OUT_OF_MEMORY;
  for (int64_t i = 0; i < bytes.size(); i++) {
    bytes[i] = bits_ == 8 ? static_cast<uint8_t>(weight[i])
                          : static_cast<uint8_t>((weight[2 * i] & 15) | (weight[2 * i + 1] & 15) << 4);
  }
  GemmKernel layout = {};
  layout.lanes = kernel_->lanes;
  layout.max_vectors = kernel_->max_vectors;
  layout.k_group = 1;
  layout.element = 1;
  const int64_t groups = k_ / group_;
  if (!layout_.init(layout, n_, 1, k_ / per_byte, false) || !weight_.resize(layout_.bytes()) ||
      !product(&count, groups, layout_.positions()) || !scale_.resize(count) ||
      (bias != nullptr && !bias_.resize(layout_.positions()))) {
    return OCTET_OUT_OF_MEMORY;
  }
  layout_.pack(bytes.data(), weight_.data());
  if (bias != nullptr) layout_.spread(bias, 0.0f, bias_.data());
  for (int64_t g = 0; g < groups; g++) {
    for (int64_t i = 0; i < layout_.positions(); i++) {
      const int64_t column = layout_.column(i);
      scale_[g * layout_.positions() + i] = column >= 0 ? scale[column * groups + g] : 0.0f;
    }
  }
  return OCTET_OK;
}

int32_t LinearWeightOnly::shape(const int64_t* dims, int32_t slots, Context** context) const {
  int64_t bytes;
  if (slots < 1 || dims[0] > INT32_MAX || !product(&bytes, dims[0], k_, int64_t{4}) ||
      !product(&bytes, dims[0], n_, int64_t{4})) {
    return OCTET_INVALID_ARGUMENT;
  }
  return made(new PanelContext(*this, dims[0]), context);
}

}  // namespace

int32_t create_linear_weight_only(const Spec& spec, Operator** op) {
  return initialised(new LinearWeightOnly, op, spec);
}

}  // namespace octet
