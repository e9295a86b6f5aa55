#include "operators/block_rows.h"

#include <string.h>

namespace octet {

namespace {

int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }

}  // namespace

class BlocksQ8::RowContext final : public Context {
 public:
  RowContext(const BlocksQ8& blocks, const OctetConvGeometry& g) : w_(blocks), g_(g) {
    rows[0] = g.n * g.oh;
    row_bytes = g.ow * g.cout;
    output_bytes = rows[0] * row_bytes;
  }

  int32_t init() {
    const int64_t bytes = g_.w * g_.cin;
    // All blocks of a band read the same input.
    rows_ = kBandBytes / (bytes * g_.sh + 1);
    if (rows_ < 8) rows_ = 8;
    if (rows_ > kListed / g_.kh) rows_ = kListed / g_.kh;
    if (!pad_row_.resize(bytes)) return OCTET_OUT_OF_MEMORY;
    alternates_ = g_.n * g_.h * bytes + output_bytes > kCachedBytes;
    memset(pad_row_.data(), static_cast<uint8_t>(w_.parameters_.in_zero_point), static_cast<size_t>(bytes));
    return OCTET_OK;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const OctetConvQ8& p = w_.parameters_;
    const int32_t shift = p.out_signed ? 128 : 0;
    const uint8_t* rows[kListed];
    BlockBandQ8 band = {};
    band.rows = rows;
    band.kh = static_cast<int32_t>(g_.kh);
    band.kw = static_cast<int32_t>(g_.kw);
    band.stride = static_cast<int32_t>(g_.sw);
    band.pixel = band.out_pixel = g_.cin;
    band.out_row = g_.ow * g_.cout;
    band.in_width = static_cast<int32_t>(g_.w);
    band.out_width = static_cast<int32_t>(g_.ow);
    band.pad_left = static_cast<int32_t>(g_.pad_left);
    band.flip = (p.in_signed != 0) != w_.signed_a_ ? 0x80808080u : 0;
    band.pad_code = static_cast<uint8_t>(p.in_zero_point) * 0x01010101u;
    band.zero_point = p.out_zero_point + shift;
    band.qmin = p.qmin + shift;
    band.qmax = p.qmax + shift;
    band.out_flip = p.out_signed ? 0x80 : 0;
    band.clamp_first = w_.clamp_first_;
    const int64_t blocks = w_.start_.size() / w_.width_;
    const bool back = alternates_ && __atomic_fetch_xor(&backwards_, 1, __ATOMIC_RELAXED) != 0;
    for (int64_t left = y1 - y0; left > 0; left -= band.out_rows) {
      // A band is of one image.
      const int64_t at = back ? y0 + left - 1 : y1 - left, image = at / g_.oh * g_.oh;
      const int64_t room = back ? min(left, at + 1 - image) : min(left, image + g_.oh - at);
      band.out_rows = static_cast<int32_t>(min(room, rows_));
      const int64_t row = back ? at + 1 - band.out_rows : at;
      for (int32_t i = 0; i < band.out_rows; i++) find_window(b.in[0], row + i, rows + i * g_.kh);
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t channel = block * w_.width_, left = g_.cin - channel;
        band.channel = channel;
        band.out = b.out + row * band.out_row + channel;
        band.columns = static_cast<int32_t>(left < w_.width_ ? left : w_.width_);
        band.weights = w_.weights_.data() + block * w_.block_bytes_;
        band.start = w_.start_.data() + channel;
        band.multiplier = w_.multiplier_.data() + channel;
        w_.run(g_, band, block == blocks - 1);
      }
    }
  }

 private:
  static constexpr int64_t kBandBytes = 128 << 10;    // of the input
  static constexpr int64_t kCachedBytes = 768 << 10;  // what is less stays in the L2 cache between two runs
  static constexpr int64_t kListed = 8 * kMaxRows;    // input rows in a band's list

  // The input rows that an output row sees.
  void find_window(const uint8_t* in, int64_t row, const uint8_t** window) const {
    const int64_t image = row / g_.oh, top = row % g_.oh * g_.sh - g_.pad_top;
    for (int64_t ky = 0; ky < g_.kh; ky++) {
      const int64_t y = top + ky * g_.dh;
      const bool inside = y >= 0 && y < g_.h;
      window[ky] = inside ? in + (image * g_.h + y) * g_.w * g_.cin : pad_row_.data();
    }
  }

  const BlocksQ8& w_;
  OctetConvGeometry g_;
  int64_t rows_ = 1;  // of the output in a band
  // Whether the next run goes upwards. What does not fit into the L2 cache was left there from its end on, by the run before
  // as by another operator. No result depends on it.
  bool alternates_ = false;
  mutable uint32_t backwards_ = 0;
  Array<uint8_t> pad_row_;  // stands for rows above and below the input
};

int32_t BlocksQ8::shape(const OctetConvGeometry& g, Context** context) const {
  return initialised(new RowContext(*this, g), context);
}

}  // namespace octet
