// AFFINE_F32 and AFFINE_Q8: one factor and one summand a channel.
#include "operators/blocks.h"

namespace octet {

namespace {

// Rows of few channels are joined to rows of about this many, with as many copies of the constants.
constexpr int64_t kLongRow = 256;

// `run(buffers, first element, rows, channels)`
template <typename Run>
class AffineContext final : public Context {
 public:
  AffineContext(int64_t count, int64_t channels, int64_t joined, int64_t bytes, const Run& run)
      : count_(count), channels_(channels), joined_(joined), run_(run) {
    per_block_ = channels < kBlock ? kBlock / (channels > 0 ? channels : 1) : 1;
    per_block_ = (per_block_ + joined - 1) / joined * joined;
    rows[0] = blocks(count, per_block_);
    output_bytes = count * channels * bytes;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t begin = y0 * per_block_, end = y1 * per_block_ < count_ ? y1 * per_block_ : count_;
    if (begin >= end || channels_ == 0) return;
    const int64_t long_rows = (end - begin) / joined_, rest = (end - begin) % joined_;
    if (long_rows > 0) run_(b, begin * channels_, long_rows, joined_ * channels_);
    if (rest > 0) run_(b, (end - rest) * channels_, int64_t{1}, rest * channels_);
  }

 private:
  int64_t count_, channels_, joined_, per_block_;
  Run run_;
};

class Affine final : public Operator {
 public:
  explicit Affine(const Spec& spec) : kernels_(spec.kernels), codes_(false), channels_(0), joined_(1) {}

  int32_t init(const Spec& spec, int64_t channels) {
    channels_ = channels;
    joined_ = channels > 0 && channels < kLongRow ? kLongRow / channels : 1;
    const int64_t n = joined_ * channels;
    if (!constants_.resize(2 * n)) return OCTET_OUT_OF_MEMORY;
    for (int64_t c = 0; c < n; c++) {
      constants_[c] = spec.constant<float>(0)[c % channels];
      constants_[n + c] = spec.constant<float>(1)[c % channels];
    }
    q8_.alpha = constants_.data();
    q8_.beta = constants_.data() + n;
    return OCTET_OK;
  }
  void set_float(float lo, float hi) {
    q8_.lo = lo;
    q8_.hi = hi;
  }
  void set_codes(const Spec& spec) {
    codes_ = true;
    run_q8_ = spec.integer(0) == OCTET_U8 ? kernels_->affine_q8->u8 : kernels_->affine_q8->s8;
    q8_.zero_point_in = static_cast<int32_t>(spec.integer(2));
    q8_.zero_point = static_cast<int32_t>(spec.integer(3));
    q8_.lo = bound(spec.integer(4), spec.integer(3));
    q8_.hi = bound(spec.integer(5), spec.integer(3));
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t bytes;
    if (slots < 1 || !product(&bytes, dims[0], channels_, int64_t{codes_ ? 1 : 4})) return OCTET_INVALID_ARGUMENT;
    const OctetAffineQ8Params* p = &q8_;
    if (codes_) {
      const auto run = run_q8_;
      return make(dims[0], 1, context, [=](const Buffers& b, int64_t at, int64_t rows, int64_t channels) {
        run(b.in[0] + at, rows, channels, p, b.out + at);
      });
    }
    const auto run = kernels_->affine_f32->run;
    return make(dims[0], 4, context, [=](const Buffers& b, int64_t at, int64_t rows, int64_t channels) {
      run(input<float>(b, 0) + at, rows, channels, p->alpha, p->beta, p->lo, p->hi, output<float>(b) + at);
    });
  }

 private:
  template <typename Run>
  int32_t make(int64_t count, int64_t bytes, Context** context, const Run& run) const {
    return made(new AffineContext<Run>(count, channels_, joined_, bytes, run), context);
  }

  const KernelTable* kernels_;
  bool codes_;
  int64_t channels_, joined_;
  OctetAffineQ8Function run_q8_ = nullptr;
  OctetAffineQ8Params q8_ = {};  // of floats: alpha, beta, lo, hi
  Array<float> constants_;       // alpha, then beta, each `joined` times
};

int32_t create(const Spec& spec, int64_t channels, Affine** affine) {
  if (channels < 0 || spec.constants[0] == 0 || spec.constants[1] == 0) return OCTET_INVALID_ARGUMENT;
  *affine = new Affine(spec);
  if (*affine == nullptr) return OCTET_OUT_OF_MEMORY;
  const int32_t status = (*affine)->init(spec, channels);
  if (status != OCTET_OK) delete *affine;
  return status;
}

}  // namespace

int32_t create_affine_f32(const Spec& spec, Operator** op) {
  Affine* affine;
  const int32_t status = create(spec, spec.integer(0), &affine);
  if (status != OCTET_OK) return status;
  affine->set_float(spec.real(1), spec.real(2));
  *op = affine;
  return OCTET_OK;
}

int32_t create_affine_q8(const Spec& spec, Operator** op) {
  if (!is_code_type(spec.integer(0))) return OCTET_INVALID_ARGUMENT;
  Affine* affine;
  const int32_t status = create(spec, spec.integer(1), &affine);
  if (status != OCTET_OK) return status;
  affine->set_codes(spec);
  *op = affine;
  return OCTET_OK;
}

}  // namespace octet
