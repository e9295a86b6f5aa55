#include "operators/blocks.h"

namespace octet {

namespace {

// Columns of x in a unit of work: a block of output rows.
constexpr int64_t kColumns = 64;

class TransposeContext final : public Context {
 public:
  TransposeContext(const TransposeKernel* kernel, int64_t bytes, int64_t n, int64_t r, int64_t s)
      : kernel_(kernel), bytes_(bytes), r_(r), s_(s), blocks_(blocks(s, kColumns)) {
    rows[0] = r > 0 ? n * blocks_ : 0;
    output_bytes = n * r * s * bytes;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      const int64_t image = y / blocks_, first = y % blocks_ * kColumns;
      const int64_t columns = s_ - first < kColumns ? s_ - first : kColumns;
      const int64_t from = image * r_ * s_ + first, to = image * r_ * s_ + first * r_;
      if (bytes_ != 1 && bytes_ != 4) {
        move(b, image * r_ * s_, first, columns);
      } else if (bytes_ == 1) {
        kernel_->b8(b.in[0] + from, s_, r_, columns, b.out + to, r_);
      } else {
        kernel_->b32(input<uint32_t>(b, 0) + from, s_, r_, columns, output<uint32_t>(b) + to, r_);
      }
    }
  }

 private:
  // Elements long enough to be copied one by one.
  void move(const Buffers& b, int64_t image, int64_t first, int64_t columns) const {
    for (int64_t c = first; c < first + columns; c++) {
      for (int64_t r = 0; r < r_; r++) {
        __builtin_memcpy(b.out + (image + c * r_ + r) * bytes_, b.in[0] + (image + r * s_ + c) * bytes_,
                         static_cast<size_t>(bytes_));
      }
    }
  }

  const TransposeKernel* kernel_;
  int64_t bytes_, r_, s_, blocks_;
};

class Transpose final : public Operator {
 public:
  explicit Transpose(const Spec& spec) : kernel_(spec.kernels->transpose), bytes_(spec.integer(0)) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t count;
    if (slots < 3 || !product(&count, dims[0], dims[1], dims[2], bytes_)) return OCTET_INVALID_ARGUMENT;
    return made(new TransposeContext(kernel_, bytes_, dims[0], dims[1], dims[2]), context);
  }

 private:
  const TransposeKernel* kernel_;
  int64_t bytes_;
};

}  // namespace

int32_t create_transpose(const Spec& spec, Operator** op) {
  if (spec.integer(0) < 1 || spec.integer(0) > int64_t{1} << 30) return OCTET_INVALID_ARGUMENT;
  return made(new Transpose(spec), op);
}

}  // namespace octet
