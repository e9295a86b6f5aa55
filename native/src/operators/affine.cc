#include "operators/blocks.h"

namespace octet {

namespace {

class AffineContext final : public Context {
 public:
  AffineContext(const AffineF32Kernel* kernel, int64_t count, int64_t channels, const float* constants, float lo,
                float hi)
      : kernel_(kernel), count_(count), channels_(channels), constants_(constants), lo_(lo), hi_(hi) {
    per_block_ = channels < kBlock ? kBlock / (channels > 0 ? channels : 1) : 1;
    rows[0] = blocks(count, per_block_);
    output_bytes = count * channels * 4;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t begin = y0 * per_block_, end = y1 * per_block_ < count_ ? y1 * per_block_ : count_;
    if (begin >= end) return;
    kernel_->run(input<float>(b, 0) + begin * channels_, end - begin, channels_, constants_, constants_ + channels_,
                 lo_, hi_, output<float>(b) + begin * channels_);
  }

 private:
  const AffineF32Kernel* kernel_;
  int64_t count_, channels_, per_block_;
  const float* constants_;
  float lo_, hi_;
};

class Affine final : public Operator {
 public:
  explicit Affine(const Spec& spec)
      : kernel_(spec.kernels->affine_f32), channels_(spec.integer(0)), lo_(spec.real(1)), hi_(spec.real(2)) {}

  bool pack(const Spec& spec) {
    if (!constants_.resize(2 * channels_)) return false;
    for (int64_t c = 0; c < channels_; c++) {
      constants_[c] = spec.constant<float>(0)[c];
      constants_[channels_ + c] = spec.constant<float>(1)[c];
    }
    return true;
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t bytes;
    if (slots < 1 || !product(&bytes, dims[0], channels_, int64_t{4})) return OCTET_INVALID_ARGUMENT;
    return made(new AffineContext(kernel_, dims[0], channels_, constants_.data(), lo_, hi_), context);
  }

 private:
  const AffineF32Kernel* kernel_;
  int64_t channels_;
  float lo_, hi_;
  Array<float> constants_;  // alpha, then beta
};

}  // namespace

int32_t create_affine_f32(const Spec& spec, Operator** op) {
  if (spec.integer(0) < 0 || spec.constants[0] == 0 || spec.constants[1] == 0) return OCTET_INVALID_ARGUMENT;
  Affine* affine = new Affine(spec);
  if (affine != nullptr && !affine->pack(spec)) {
    delete affine;
    affine = nullptr;
  }
  return made(affine, op);
}

}  // namespace octet
