// The convolution writes a band of rows into scratch memory, where it stays in the cache until the kernel of ADD_Q8 has
// added the residual to it. So every ISA has it without a kernel of its own, and the bits are those of two operators. Where
// rows are no rows of the output (panels of few pixels) the whole result is the band, and the sum is a phase of its own.
#include "operators/convolution_residual.h"

#include "operators/blocks.h"

namespace octet {

namespace {

// Of a band; smaller ones, which would stay in the L1 cache, take more from the product than they give to the sum. Whole
// tiles of every height, and of depthwise layers pairs of rows.
constexpr int64_t kBand = 128 << 10, kPixels = 24;

class Residual final : public Operator {
 public:
  ~Residual() override { delete product_; }

  int32_t init(int32_t (*factory)(const Spec&, Operator**), const Spec& spec) {
    const int64_t type = spec.integer(1), zero_point = spec.integer(16);
    const int64_t* const slots = spec.attributes + kResidualSlot;
    const int64_t least = type == OCTET_S8 ? -128 : 0;
    if (slots[0] != 0 && slots[0] != 1) return OCTET_INVALID_ARGUMENT;
    for (int i = 3; i <= 7; i++) {
      if (i != 4 && (slots[i] < least || slots[i] > least + 255)) return OCTET_INVALID_ARGUMENT;
    }
    if (slots[6] > slots[7]) return OCTET_INVALID_ARGUMENT;
    Spec part = spec;
    part.attribute_slots = kResidualSlot;
    const int32_t status = factory(part, &product_);
    if (status != OCTET_OK) return status;
    const float scale = spec.real(kResidualSlot + 1), residual_scale = spec.real(kResidualSlot + 2);
    second_ = slots[0] == 1;
    sum_.scale_a = second_ ? residual_scale : scale;
    sum_.scale_b = second_ ? scale : residual_scale;
    sum_.zero_point_a = static_cast<int32_t>(second_ ? slots[3] : zero_point);
    sum_.zero_point_b = static_cast<int32_t>(second_ ? zero_point : slots[3]);
    sum_.inv_out_scale = spec.real(kResidualSlot + 4);
    sum_.zero_point = static_cast<int32_t>(slots[5]);
    sum_.lo = bound(slots[6], slots[5]);
    sum_.hi = bound(slots[7], slots[5]);
    run_ = type == OCTET_U8 ? spec.kernels->add_q8->u8 : spec.kernels->add_q8->s8;
    return OCTET_OK;
  }

  int32_t shape(const int64_t* dims, int32_t slots, Context** context) const override;

 private:
  class SumContext;

  void add(const uint8_t* codes, const uint8_t* residual, int64_t n, uint8_t* out) const {
    run_(second_ ? residual : codes, second_ ? codes : residual, n, &sum_, out);
  }

  Operator* product_ = nullptr;
  OctetAddParams sum_ = {};
  OctetAddFunction run_ = nullptr;
  bool second_ = false;
};

class Residual::SumContext final : public Context {
 public:
  explicit SumContext(const Residual& op) : op_(op) {}
  ~SumContext() override { delete product_; }

  int32_t init(const int64_t* dims, int32_t slots) {
    const int32_t status = op_.product_->shape(dims, slots, &product_);
    if (status != OCTET_OK) return status;
    inputs = 2;
    phases = product_->phases;
    for (int i = 0; i < phases; i++) rows[i] = product_->rows[i];
    output_bytes = product_->output_bytes;
    row_bytes = product_->row_bytes;
    shared_bytes = product_->shared_bytes;
    thread_bytes = product_->thread_bytes;
    if (row_bytes > 0) {
      band_rows_ = kBand / row_bytes;
      band_rows_ -= band_rows_ % (band_rows_ >= kPixels ? kPixels : 2);
      if (band_rows_ < 2) band_rows_ = 2;
      if (band_rows_ > rows[phases - 1]) band_rows_ = rows[phases - 1];
      at_ = align_up(thread_bytes);
      thread_bytes = at_ + band_rows_ * row_bytes;
    } else {
      at_ = align_up(shared_bytes);
      shared_bytes = at_ + output_bytes;
      rows[phases++] = blocks(output_bytes);
    }
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int phase, int64_t y0, int64_t y1) const override {
    const int last = product_->phases - 1;
    Buffers part = b;
    if (phase < last || row_bytes == 0) {
      part.out = b.shared + at_;
      if (phase <= last) return product_->run_rows(part, phase, y0, y1);
      const int64_t begin = y0 * kBlock, end = y1 * kBlock < output_bytes ? y1 * kBlock : output_bytes;
      if (begin < end) op_.add(part.out + begin, b.in[1] + begin, end - begin, b.out + begin);
      return;
    }
    uint8_t* const codes = b.scratch + at_;
    for (int64_t y = y0; y < y1; y += band_rows_) {
      const int64_t end = y1 - y < band_rows_ ? y1 : y + band_rows_, first = y * row_bytes;
      part.out = codes - first;  // row y is the band's first
      product_->run_rows(part, phase, y, end);
      op_.add(codes, b.in[1] + first, (end - y) * row_bytes, b.out + first);
    }
  }

 private:
  const Residual& op_;
  Context* product_ = nullptr;
  int64_t band_rows_ = 0;
  int64_t at_ = 0;  // of the product's codes in scratch memory
};

int32_t Residual::shape(const int64_t* dims, int32_t slots, Context** context) const {
  return initialised(new SumContext(*this), context, dims, slots);
}

}  // namespace

int32_t create_residual(int32_t (*factory)(const Spec&, Operator**), const Spec& spec, Operator** op) {
  return initialised(new Residual, op, factory, spec);
}

}  // namespace octet
