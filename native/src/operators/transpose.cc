#include "operators/blocks.h"

namespace octet {

namespace {

// Of x in a unit of work: few columns may have many rows.
constexpr int64_t kColumns = 64, kRows = 512;

class TransposeContext final : public Context {
 public:
  TransposeContext(const TransposeKernel* kernel, int64_t bytes, int64_t n, int64_t r, int64_t s)
      : kernel_(kernel), bytes_(bytes), r_(r), s_(s), blocks_(blocks(s, kColumns)), pieces_(blocks(r, kRows)) {
    rows[0] = n * blocks_ * pieces_;
    output_bytes = n * r * s * bytes;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      const int64_t piece = y % pieces_, block = y / pieces_ % blocks_, image = y / pieces_ / blocks_ * r_ * s_;
      const int64_t row = piece * kRows, column = block * kColumns;
      const int64_t columns = s_ - column < kColumns ? s_ - column : kColumns,
                    rows = r_ - row < kRows ? r_ - row : kRows;
      const int64_t from = image + row * s_ + column, to = image + column * r_ + row;
      if (bytes_ == 1) {
        kernel_->b8(b.in[0] + from, s_, rows, columns, b.out + to, r_);
      } else if (bytes_ == 4) {
        kernel_->b32(input<uint32_t>(b, 0) + from, s_, rows, columns, output<uint32_t>(b) + to, r_);
      } else {
        move(b.in[0] + from * bytes_, rows, columns, b.out + to * bytes_);
      }
    }
  }

 private:
  // Elements long enough to be copied one by one.
  void move(const uint8_t* from, int64_t rows, int64_t columns, uint8_t* to) const {
    for (int64_t c = 0; c < columns; c++) {
      for (int64_t r = 0; r < rows; r++) {
        __builtin_memcpy(to + (c * r_ + r) * bytes_, from + (r * s_ + c) * bytes_, static_cast<size_t>(bytes_));
      }
    }
  }

  const TransposeKernel* kernel_;
  int64_t bytes_, r_, s_, blocks_, pieces_;
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
