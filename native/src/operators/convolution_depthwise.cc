#include "operators/convolution_depthwise.h"

#include <string.h>

namespace octet {

namespace {

int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }

}  // namespace

class DepthwiseQ8::RowContext final : public Context {
 public:
  RowContext(const DepthwiseQ8& weights, const OctetConvGeometry& g) : w_(weights), g_(g) {
    rows[0] = g.n * g.oh;
    row_bytes = g.ow * g.cout;
    output_bytes = rows[0] * row_bytes;
  }

  bool init() {
    const int64_t bytes = g_.w * g_.cin;
    // All blocks of a band read the same input.
    rows_ = kBandBytes / (bytes * g_.sh + 1);
    if (rows_ < 8) rows_ = 8;
    if (rows_ > kListed / g_.kh) rows_ = kListed / g_.kh;
    if (!pad_row_.resize(bytes)) return false;
    alternates_ = g_.n * g_.h * bytes + output_bytes > kCachedBytes;
    memset(pad_row_.data(), static_cast<uint8_t>(w_.parameters_.in_zero_point), static_cast<size_t>(bytes));
    return true;
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const OctetConvQ8& p = w_.parameters_;
    const int32_t shift = p.out_signed ? 128 : 0;
    const uint8_t* rows[kListed];
    DepthwiseQ8Band band = {};
    band.rows = rows;
    band.kh = static_cast<int32_t>(g_.kh);
    band.kw = static_cast<int32_t>(g_.kw);
    band.stride = static_cast<int32_t>(g_.sw);
    band.dilation = static_cast<int32_t>(g_.dw);
    band.rolling = g_.sh == 1 && g_.dh == 1;
    band.pixel = band.out_pixel = g_.cin;
    band.out_row = g_.ow * g_.cout;
    band.in_width = static_cast<int32_t>(g_.w);
    band.out_width = static_cast<int32_t>(g_.ow);
    band.pad_left = static_cast<int32_t>(g_.pad_left);
    band.flip = p.in_signed ? 0x80808080u : 0;
    band.pad_code = static_cast<uint8_t>(p.in_zero_point) * 0x01010101u;
    band.zero_point = p.out_zero_point + shift;
    band.qmin = p.qmin + shift;
    band.qmax = p.qmax + shift;
    band.out_flip = p.out_signed ? 0x80 : 0;
    band.clamp_first = w_.clamp_first_;
    const int64_t blocks = w_.layout_.count(), width = w_.layout_.positions() / blocks;
    const bool back = alternates_ && __atomic_fetch_xor(&backwards_, 1, __ATOMIC_RELAXED) != 0;
    for (int64_t left = y1 - y0; left > 0; left -= band.out_rows) {
      // A band is of one image.
      const int64_t at = back ? y0 + left - 1 : y1 - left, image = at / g_.oh * g_.oh;
      const int64_t room = back ? min(left, at + 1 - image) : min(left, image + g_.oh - at);
      band.out_rows = static_cast<int32_t>(min(room, rows_));
      const int64_t row = back ? at + 1 - band.out_rows : at;
      for (int32_t i = 0; i < band.out_rows; i++) find_window(b.in[0], row + i, rows + i * g_.kh);
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t channel = block * width, left = g_.cin - channel;
        band.channel = channel;
        band.out = b.out + row * band.out_row + channel;
        band.columns = static_cast<int32_t>(left < width ? left : width);
        band.copies = static_cast<int32_t>(block == blocks - 1 ? w_.copies_ : 1);
        band.weights = w_.weights_.data() + w_.layout_.panel(block).offset;
        band.start = w_.start_.data() + channel;
        band.multiplier = w_.multiplier_.data() + channel;
        w_.kernel_.run(band);
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

  const DepthwiseQ8& w_;
  OctetConvGeometry g_;
  int64_t rows_ = 1;  // of the output in a band
  // Whether the next run goes upwards. What does not fit into the L2 cache was left there from its end on, by the run before
  // as by another operator. No result depends on it.
  bool alternates_ = false;
  mutable uint32_t backwards_ = 0;
  Array<uint8_t> pad_row_;  // stands for rows above and below the input
};

bool DepthwiseQ8::init(const DepthwiseQ8Kernel& kernel, const OctetConvGeometry& g, const OctetConvQ8& p) {
  const GemmKernel& shape = kernel.layout;
  const int64_t width = static_cast<int64_t>(shape.lanes) * shape.max_vectors;
  const int64_t channels = (g.cin + width - 1) / width * width;
  Array<uint8_t> turned;  // [channels][kw][kh]: columns of the window become taps
  if (!layout_.init(shape, channels, g.kw, g.kh, kernel.permuted != 0) || !weights_.resize(layout_.bytes()) ||
      !start_.resize(channels) || !multiplier_.resize(channels) ||
      !turned.resize(channels * g.kh * g.kw * shape.element)) {
    return false;
  }
  parameters_ = p;
  parameters_.weight = nullptr;
  parameters_.multiplier = nullptr;
  parameters_.bias = nullptr;
  const uint32_t zero_point = static_cast<uint32_t>(p.in_zero_point + (p.in_signed ? 128 : 0));
  const int64_t rest = g.cin % width;
  while (rest != 0 && copies_ < kernel.max_copies && rest <= width / (2 * copies_)) copies_ *= 2;
  // The channel at a place: of the last block only the first part is used, for each of its copies.
  const auto channel_at = [&](int64_t place) {
    const int64_t last = channels - width;
    return place < last ? place : last + (place - last) % (width / copies_);
  };
  for (int64_t i = 0; i < channels; i++) {
    const int64_t place = layout_.column(i), c = channel_at(place);
    uint32_t sum = 0;
    int64_t size = 0;
    for (int64_t ky = 0; ky < g.kh; ky++) {
      for (int64_t kx = 0; kx < g.kw; kx++) {
        const int16_t w = c < g.cin ? p.weight[(c * g.kh + ky) * g.kw + kx] : int16_t{0};
        const int64_t at = (place * g.kw + kx) * g.kh + ky;
        if (shape.element == 2) {
          reinterpret_cast<int16_t*>(turned.data())[at] = w;
        } else {
          turned[at] = static_cast<uint8_t>(w);
        }
        sum += static_cast<uint32_t>(w);
        size += w < 0 ? -w : w;
      }
    }
    const int32_t bias = p.bias != nullptr && c < g.cin ? p.bias[c] : 0;
    start_[i] = static_cast<int32_t>(static_cast<uint32_t>(bias) - zero_point * sum);
    multiplier_[i] = c < g.cin ? p.multiplier[c] : 0.0f;
    clamp_first_ |= leaves_int_range(size, bias, multiplier_[i]);
  }
  layout_.pack(turned.data(), weights_.data());
  kernel_ = kernel;
  return true;
}

int32_t DepthwiseQ8::shape(const OctetConvGeometry& g, Context** context) const {
  RowContext* made = new RowContext(*this, g);
  if (made == nullptr) return OCTET_OUT_OF_MEMORY;
  if (!made->init()) {
    delete made;
    return OCTET_OUT_OF_MEMORY;
  }
  *context = made;
  return OCTET_OK;
}

class DepthwiseF32::RowContext final : public Context {
 public:
  RowContext(const DepthwiseF32& weights, const OctetConvGeometry& g) : w_(weights), g_(g) {
    rows[0] = g.n * g.oh;
    output_bytes = g.n * g.oh * g.ow * g.cout * 4;
  }

  bool init() {
    return cut_axis(g_.h, g_.oh, g_.kh, g_.sh, g_.pad_top, g_.dh, &ys_) &&
           cut_axis(g_.w, g_.ow, g_.kw, g_.sw, g_.pad_left, g_.dw, &xs_);
  }

  void run_rows(const Buffers& b, int, int64_t y0, int64_t y1) const override {
    const float* in = reinterpret_cast<const float*>(b.in[0]);
    float* out = reinterpret_cast<float*>(b.out);
    DepthwiseF32Band band = {};
    band.tap_x = g_.dw * g_.cin;
    band.tap_y = g_.dh * g_.w * g_.cin;
    band.step = g_.sw * g_.cin;
    band.channels = g_.cin;
    band.weight_x = w_.padded_;
    band.weight_y = g_.kw * w_.padded_;
    band.bias = w_.bias_.data();
    band.lo = w_.lo_;
    band.hi = w_.hi_;
    int64_t segment = 0;
    for (int64_t row = y0; row < y1; row++) {
      const int64_t image = row / g_.oh, oy = row % g_.oh;
      if (oy < ys_[segment].begin) segment = 0;
      while (oy >= ys_[segment].end) segment++;
      const Segment& y = ys_[segment];
      for (int64_t i = 0; i < xs_.size(); i++) {
        const Segment& x = xs_[i];
        const int64_t from_y = oy * g_.sh - g_.pad_top + y.k0 * g_.dh,
                      from_x = x.begin * g_.sw - g_.pad_left + x.k0 * g_.dw;
        band.in = in + ((image * g_.h + from_y) * g_.w + from_x) * g_.cin;
        band.kh = y.k1 - y.k0;
        band.kw = x.k1 - x.k0;
        band.width = x.end - x.begin;
        band.out = out + (row * g_.ow + x.begin) * g_.cout;
        band.weights = w_.weights_.data() + (y.k0 * g_.kw + x.k0) * w_.padded_;
        w_.kernel_.run(band);
      }
    }
  }

 private:
  const DepthwiseF32& w_;
  OctetConvGeometry g_;
  Array<Segment> ys_, xs_;
};

bool DepthwiseF32::init(const DepthwiseF32Kernel& kernel, const OctetConvGeometry& g, const OctetConvF32& p) {
  padded_ = (g.cin + kChannelStep - 1) / kChannelStep * kChannelStep;
  if (!weights_.resize(g.kh * g.kw * padded_) || (p.bias != nullptr && !bias_.resize(padded_))) return false;
  for (int64_t tap = 0; tap < g.kh * g.kw; tap++) {
    for (int64_t c = 0; c < padded_; c++) {
      weights_[tap * padded_ + c] = c < g.cin ? p.weight[c * g.kh * g.kw + tap] : 0.0f;
    }
  }
  for (int64_t c = 0; p.bias != nullptr && c < padded_; c++) bias_[c] = c < g.cin ? p.bias[c] : 0.0f;
  lo_ = p.lo;
  hi_ = p.hi;
  kernel_ = kernel;
  return true;
}

int32_t DepthwiseF32::shape(const OctetConvGeometry& g, Context** context) const {
  RowContext* made = new RowContext(*this, g);
  if (made == nullptr) return OCTET_OUT_OF_MEMORY;
  if (!made->init()) {
    delete made;
    return OCTET_OUT_OF_MEMORY;
  }
  *context = made;
  return OCTET_OK;
}

}  // namespace octet
