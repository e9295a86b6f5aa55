// MINMAX_F32 and HISTOGRAM_F32.
#include "operators/blocks.h"

namespace octet {

namespace {

constexpr OctetMinMax kNothing = {__builtin_inff(), -__builtin_inff(), 0.0f};

void write(const OctetMinMax& state, float* out) {
  out[0] = state.min + 0.0f;  // -0 counts as +0
  out[1] = state.max + 0.0f;
  out[2] = state.nan;
}

// One result: blocks of the input in the first phase, their partial results joined in the second.
class FlatMinMax final : public Context {
 public:
  FlatMinMax(const MinMaxKernel* kernel, int64_t count) : kernel_(kernel), count_(count) {
    // At most 64 partial results.
    block_ = kBlock * ((count / kBlock) / 64 + 1);
    phases = 2;
    rows[0] = blocks(count, block_);
    rows[1] = 1;
    output_bytes = sizeof(OctetMinMax);
    shared_bytes = rows[0] * static_cast<int64_t>(sizeof(OctetMinMax));
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    OctetMinMax* const parts = reinterpret_cast<OctetMinMax*>(b.shared);
    for (int64_t y = y0; phase == 0 && y < y1; y++) {
      const int64_t begin = y * block_, left = count_ - begin;
      parts[y] = kNothing;
      kernel_->flat(input<float>(b, 0) + begin, left < block_ ? left : block_, &parts[y]);
    }
    if (phase == 0 || y0 == y1) return;
    OctetMinMax all = kNothing;
    for (int64_t i = 0; i < rows[0]; i++) {
      all.min = parts[i].min < all.min ? parts[i].min : all.min;
      all.max = parts[i].max > all.max ? parts[i].max : all.max;
      all.nan = parts[i].nan > all.nan ? parts[i].nan : all.nan;
    }
    write(all, output<float>(b));
  }

 private:
  const MinMaxKernel* kernel_;
  int64_t count_, block_;
};

// A result for each channel of [outer][C][inner].
class ChannelMinMax final : public Context {
 public:
  ChannelMinMax(const MinMaxKernel* kernel, int64_t outer, int64_t channels, int64_t inner)
      : kernel_(kernel), outer_(outer), channels_(channels), inner_(inner) {
    rows[0] = inner == 1 ? blocks(channels, kColumns) : channels;
    output_bytes = channels * static_cast<int64_t>(sizeof(OctetMinMax));
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    for (int64_t y = y0; y < y1; y++) {
      OctetMinMax states[kColumns];
      const int64_t first = inner_ == 1 ? y * kColumns : y;
      int64_t columns = inner_ != 1 ? 1 : channels_ - first < kColumns ? channels_ - first : kColumns;
      for (int64_t c = 0; c < columns; c++) states[c] = kNothing;
      if (inner_ == 1) {
        kernel_->columns(input<float>(b, 0) + first, outer_, channels_, columns, states);
      } else {
        for (int64_t o = 0; o < outer_; o++) {
          kernel_->flat(input<float>(b, 0) + (o * channels_ + first) * inner_, inner_, states);
        }
      }
      for (int64_t c = 0; c < columns; c++) write(states[c], output<float>(b) + (first + c) * 3);
    }
  }

 private:
  static constexpr int64_t kColumns = 64;

  const MinMaxKernel* kernel_;
  int64_t outer_, channels_, inner_;
};

class MinMax final : public Operator {
 public:
  explicit MinMax(const Spec& spec) : kernel_(spec.kernels->minmax_f32), per_channel_(spec.integer(0) != 0) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t bytes;
    if (slots < 3 || !product(&bytes, dims[0], dims[1], dims[2], int64_t{4})) return OCTET_INVALID_ARGUMENT;
    if (per_channel_ && dims[1] != 1) return made(new ChannelMinMax(kernel_, dims[0], dims[1], dims[2]), context);
    return made(new FlatMinMax(kernel_, bytes / 4), context);
  }

 private:
  const MinMaxKernel* kernel_;
  bool per_channel_;
};

class HistogramContext final : public Context {
 public:
  HistogramContext(const HistogramKernel* kernel, int32_t bins, int64_t count)
      : kernel_(kernel), bins_(bins), count_(count) {
    inputs = 2;
    rows[0] = 1;
    output_bytes = int64_t{bins} * 4;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    if (y0 == y1) return;
    int32_t* const counts = output<int32_t>(b);
    for (int32_t i = 0; i < bins_; i++) counts[i] = 0;
    const float* const range = input<float>(b, 1);
    kernel_->run(input<float>(b, 0), count_, range[0], range[1], bins_, counts);
  }

 private:
  const HistogramKernel* kernel_;
  int32_t bins_;
  int64_t count_;
};

class Histogram final : public Operator {
 public:
  explicit Histogram(const Spec& spec)
      : kernel_(spec.kernels->histogram_f32), bins_(static_cast<int32_t>(spec.integer(0))) {}

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override {
    int64_t bytes;
    if (slots < 1 || !product(&bytes, dims[0], int64_t{4})) return OCTET_INVALID_ARGUMENT;
    return made(new HistogramContext(kernel_, bins_, dims[0]), context);
  }

 private:
  const HistogramKernel* kernel_;
  int32_t bins_;
};

}  // namespace

int32_t create_minmax_f32(const Spec& spec, Operator** op) { return made(new MinMax(spec), op); }

int32_t create_histogram_f32(const Spec& spec, Operator** op) {
  if (spec.integer(0) < 1 || spec.integer(0) > (1 << 24)) return OCTET_INVALID_ARGUMENT;
  return made(new Histogram(spec), op);
}

}  // namespace octet
