#include "operators/convolution_depthwise.h"

#include <string.h>

#include "pack/panels.h"

namespace octet {

namespace {

constexpr int64_t kMostBlock = 64;  // channels, of every ISA

}  // namespace

const DepthwiseQ8Kernel& DepthwiseQ8::kernel_for(Isa isa, bool zero_points) {
  const DepthwiseQ8Kernel* kernel = kernel_table(isa).depthwise_q8;
  while (zero_points && kernel->run != nullptr && kernel->layout.element != 2) {
    isa = isa_parent(isa);
    kernel = kernel_table(isa).depthwise_q8;
  }
  return *kernel;
}

bool DepthwiseQ8::init(const DepthwiseQ8Kernel& kernel, const OctetConvGeometry& geometry, const OctetConvQ8& p) {
  OctetConvGeometry g = geometry;
  if (is_turned(g)) {
    g.kh = g.kw;
    g.kw = g.dw = 1;
  }
  const GemmKernel& shape = kernel.layout;
  const int64_t width = static_cast<int64_t>(shape.lanes) * shape.max_vectors;
  const int64_t channels = (g.cin + width - 1) / width * width;
  PanelLayout layout;
  Array<uint8_t> turned;  // [channels][kw][kh]: columns of the window become taps
  Array<int16_t> taps;    // [position in a block][kh][kw]
  if (!layout.init(shape, channels, g.kw, g.kh, kernel.permuted != 0) || !weights_.resize(layout.bytes()) ||
      !start_.resize(channels) || !multiplier_.resize(channels) ||
      !turned.resize(channels * g.kh * g.kw * shape.element) || !taps.resize(width * g.kh * g.kw)) {
    return false;
  }
  parameters_ = p;
  parameters_.weight = nullptr;
  parameters_.multiplier = nullptr;
  parameters_.bias = nullptr;
  parameters_.weight_zero_point = nullptr;
  const uint32_t zero_point = zero_point_of(p, signed_a_);
  const int64_t rest = g.cin % width;
  while (rest != 0 && copies_ < kernel.max_copies && rest <= width / (2 * copies_)) copies_ *= 2;
  last_ = channels - width;
  if (kernel.overlaps != 0 && g.cin >= width / copies_) last_ = g.cin - width / copies_;
  // The channel at a place: of the last block only the first part is used, for each of its copies.
  const auto channel_at = [&](int64_t place) {
    const int64_t last = channels - width;
    return place < last ? place : last_ + (place - last) % (width / copies_);
  };
  const auto weight = [&](int64_t c, int64_t tap) {
    if (c >= g.cin) return int16_t{0};
    const int32_t zero = p.weight_zero_point != nullptr ? p.weight_zero_point[c] : 0;
    return static_cast<int16_t>(p.weight[c * g.kh * g.kw + tap] - zero);
  };
  for (int64_t i = 0; i < channels; i++) {
    const int64_t place = layout.column(i), c = channel_at(place);
    uint32_t sum = 0;
    int64_t size = 0;
    for (int64_t ky = 0; ky < g.kh; ky++) {
      for (int64_t kx = 0; kx < g.kw; kx++) {
        const int16_t w = weight(c, ky * g.kw + kx);
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
  const DepthwiseQ8Window window = {static_cast<int32_t>(g.kh), static_cast<int32_t>(g.kw), static_cast<int32_t>(g.sw),
                                    static_cast<int32_t>(g.dw), clamp_first_};
  const int64_t own = kernel.pack != nullptr ? kernel.pack(window, nullptr, nullptr) : 0, blocks = channels / width;
  if (own == 0) {
    layout.pack(turned.data(), weights_.data());
  } else if (!weights_.resize(own * blocks)) {
    return false;
  }
  for (int64_t block = 0; own != 0 && block < blocks; block++) {
    for (int64_t i = 0; i < width; i++) {
      const int64_t c = channel_at(layout.column(block * width + i));
      for (int64_t tap = 0; tap < g.kh * g.kw; tap++) {
        taps[i * g.kh * g.kw + tap] = weight(c, tap);
      }
    }
    kernel.pack(window, taps.data(), weights_.data() + block * own);
  }
  kernel_ = kernel;
  block_bytes_ = weights_.size() / blocks;
  width_ = width;
  return true;
}

void DepthwiseQ8::run(const OctetConvGeometry& g, const BlockBandQ8& band, bool last) const {
  DepthwiseQ8Band depthwise;
  static_cast<BlockBandQ8&>(depthwise) = band;
  depthwise.dilation = static_cast<int32_t>(g.dw);
  depthwise.rolling = g.sh == 1 && g.dh == 1;
  depthwise.copies = static_cast<int32_t>(last ? copies_ : 1);
  if (last) {
    const int64_t most = width_ / copies_, left = g.cin - last_;
    depthwise.channel = last_;
    depthwise.out += last_ - band.channel;
    depthwise.columns = static_cast<int32_t>(left < most ? left : most);
  }
  is_turned(g) ? run_turned(g, &depthwise) : kernel_.run(depthwise);
}

// Row by row; outputs that see padding one by one.
void DepthwiseQ8::run_turned(const OctetConvGeometry& g, DepthwiseQ8Band* band) const {
  alignas(64) uint8_t padding[kMostBlock];
  memset(padding, static_cast<int>(band->pad_code & 0xFF), sizeof padding);
  const uint8_t* const* const lines = band->rows;
  uint8_t* const out = band->out;
  const int64_t out_rows = band->out_rows, reach = (g.kw - 1) * g.dw;
  const uint8_t* rows[kMaxRows];
  band->rows = rows;
  band->kh = static_cast<int32_t>(g.kw);
  band->kw = band->dilation = band->out_rows = 1;
  band->pad_left = band->rolling = 0;
  for (int64_t row = 0; row < out_rows; row++) {
    for (int64_t o = 0; o < g.ow; o += band->out_width) {
      const int64_t first = o * g.sw - g.pad_left;
      int64_t count = 1;
      if (first >= 0 && first + reach < g.w) {
        count = (g.w - 1 - reach + g.pad_left) / g.sw + 1 - o;
        if (count > g.ow - o) count = g.ow - o;
      }
      for (int64_t k = 0; k < g.kw; k++) {
        const int64_t column = first + k * g.dw;
        rows[k] = column >= 0 && column < g.w ? lines[row] + column * band->pixel : padding - band->channel;
      }
      band->out_width = static_cast<int32_t>(count);
      band->in_width = static_cast<int32_t>((count - 1) * g.sw + 1);
      band->out = out + row * band->out_row + o * band->out_pixel;
      kernel_.run(*band);
    }
  }
}

class DepthwiseF32::RowContext final : public Context {
 public:
  RowContext(const DepthwiseF32& weights, const OctetConvGeometry& g) : w_(weights), g_(g) {
    rows[0] = g.n * g.oh;
    output_bytes = g.n * g.oh * g.ow * g.cout * 4;
  }

  int32_t init() {
    const bool cut = cut_axis(g_.h, g_.oh, g_.kh, g_.sh, g_.pad_top, g_.dh, &ys_) &&
                     cut_axis(g_.w, g_.ow, g_.kw, g_.sw, g_.pad_left, g_.dw, &xs_);
    return cut ? OCTET_OK : OCTET_OUT_OF_MEMORY;
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
  return initialised(new RowContext(*this, g), context);
}

}  // namespace octet
