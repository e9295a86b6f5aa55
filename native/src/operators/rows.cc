// SOFTMAX and GROUP_NORM: a unit of work is a block of whole rows, or of whole images.
#include "kernels/scalar.h"
#include "operators/blocks.h"

namespace octet {

namespace {

// The element type of a row operator; whether octet_kinds.h has it.
bool is_row_type(int64_t type) { return is_code_type(type) || type == OCTET_F32; }

// `run(buffers, rows, first element)` on `count` rows of `length` elements.
template <typename Run>
class RowsContext final : public Context {
 public:
  RowsContext(int64_t count, int64_t length, int64_t bytes, const Run& run)
      : count_(count), length_(length), run_(run) {
    // Kernels take four rows at a time.
    per_block_ = (length < kBlock ? kBlock / (length > 0 ? length : 1) + 3 : 4) / 4 * 4;
    rows[0] = blocks(count, per_block_);
    output_bytes = count * length * bytes;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const int64_t begin = y0 * per_block_, end = y1 * per_block_ < count_ ? y1 * per_block_ : count_;
    if (begin < end && length_ > 0) run_(b, end - begin, begin * length_);
  }

 private:
  int64_t count_, length_, per_block_;
  Run run_;
};

template <typename Run>
int32_t make_rows(int64_t count, int64_t length, int64_t bytes, const Run& run, Context** context) {
  return made(new RowsContext<Run>(count, length, bytes, run), context);
}

class Softmax final : public Operator {
 public:
  explicit Softmax(const Spec& spec) : kernel_(spec.kernels->softmax), type_(spec.integer(0)), n_(spec.integer(1)) {
    params_.scale = spec.real(2);
    params_.inv_out_scale = spec.real(3);
    params_.zero_point = static_cast<int32_t>(spec.integer(4));
    params_.lo = bound(spec.integer(5), spec.integer(4));
    params_.hi = bound(spec.integer(6), spec.integer(4));
    if (type_ == OCTET_F32) return;
    for (int d = 0; d < 256; d++) powers_[d] = scalar::exp_or_zero(static_cast<float>(-d) * params_.scale);
    params_.powers = powers_;
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    const int64_t n = n_, size = type_bytes(type_);
    int64_t bytes;
    if (slots < 1 || !product(&bytes, dims[0], n, size)) return OCTET_INVALID_ARGUMENT;
    if (type_ == OCTET_F32) {
      const auto run = kernel_->f32;
      return make_rows(
          dims[0], n, size,
          [=](const Buffers& b, int64_t rows, int64_t at) {
            run(input<float>(b, 0) + at, rows, n, output<float>(b) + at);
          },
          context);
    }
    const auto run = type_ == OCTET_U8 ? kernel_->u8 : kernel_->s8;
    const OctetSoftmaxParams params = params_;
    const int32_t status = make_rows(
        dims[0], n, size,
        [=](const Buffers& b, int64_t rows, int64_t at) {
          run(b.in[0] + at, rows, n, &params, reinterpret_cast<float*>(b.scratch), b.out + at);
        },
        context);
    if (status == OCTET_OK) (*context)->thread_bytes = align_up(kSoftmaxRows * 4 * ((n + 31) / 32 * 32));
    return status;
  }

 private:
  const SoftmaxKernel* kernel_;
  int64_t type_, n_;
  OctetSoftmaxParams params_ = {};
  float powers_[256];  // of codes
};

class GroupNorm final : public Operator {
 public:
  explicit GroupNorm(const Spec& spec) : kernel_(spec.kernels->group_norm), type_(spec.integer(0)) {
    params_.channels = spec.integer(1);
    params_.groups = spec.integer(2);
    params_.eps = spec.real(3);
    params_.lo = spec.real(4);
    params_.hi = spec.real(5);
    if (type_ == OCTET_F32) return;
    params_.scale = spec.real(6);
    params_.zero_point_in = static_cast<int32_t>(spec.integer(7));
    params_.zero_point = static_cast<int32_t>(spec.integer(8));
    params_.lo = bound(spec.integer(9), spec.integer(8));
    params_.hi = bound(spec.integer(10), spec.integer(8));
  }

  bool pack(const Spec& spec) {
    const int64_t n = params_.channels;
    int64_t both;
    if (!product(&both, n, int64_t{2}) || !constants_.resize(both)) return false;
    for (int64_t c = 0; c < n; c++) {
      constants_[c] = spec.constants[0] != 0 ? spec.constant<float>(0)[c] : 1.0f;
      constants_[n + c] = spec.constants[1] != 0 ? spec.constant<float>(1)[c] : 0.0f;
    }
    params_.gamma = constants_.data();
    params_.beta = constants_.data() + n;
    return true;
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    const int64_t size = type_bytes(type_);
    OctetGroupNormParams params = params_;
    int64_t bytes, image, part;
    if (slots < 2 || !product(&bytes, dims[0], dims[1], params.channels, size) ||
        !product(&image, dims[1], params.channels) || !product(&part, dims[1], params.channels / params.groups) ||
        (type_ != OCTET_F32 && part > int64_t{1} << 22)) {
      return OCTET_INVALID_ARGUMENT;
    }
    params.pixels = dims[1];
    if (type_ == OCTET_F32) {
      const auto run = kernel_->f32;
      return make_rows(
          dims[0], image, size,
          [=](const Buffers& b, int64_t images, int64_t at) {
            run(input<float>(b, 0) + at, images, &params, output<float>(b) + at);
          },
          context);
    }
    const auto run = type_ == OCTET_U8 ? kernel_->u8 : kernel_->s8;
    return make_rows(
        dims[0], image, size,
        [=](const Buffers& b, int64_t images, int64_t at) { run(b.in[0] + at, images, &params, b.out + at); }, context);
  }

 private:
  const GroupNormKernel* kernel_;
  int64_t type_;
  OctetGroupNormParams params_ = {};
  Array<float> constants_;  // gamma, then beta
};

}  // namespace

int32_t create_softmax(const Spec& spec, Operator** op) {
  if (!is_row_type(spec.integer(0)) || spec.integer(1) < 0 || spec.integer(1) > int64_t{1} << 30) {
    return OCTET_INVALID_ARGUMENT;
  }
  return made(new Softmax(spec), op);
}

int32_t create_group_norm(const Spec& spec, Operator** op) {
  const int64_t channels = spec.integer(1), groups = spec.integer(2);
  if (!is_row_type(spec.integer(0)) || channels < 1 || channels > int64_t{1} << 24 || groups < 1 ||
      channels % groups != 0) {
    return OCTET_INVALID_ARGUMENT;
  }
  GroupNorm* made_op = new GroupNorm(spec);
  if (made_op == nullptr) return OCTET_OUT_OF_MEMORY;
  if (!made_op->pack(spec)) {
    delete made_op;
    return OCTET_OUT_OF_MEMORY;
  }
  *op = made_op;
  return OCTET_OK;
}

}  // namespace octet
