// 8-bit depthwise convolution with smlal: blocks of 16 channels, widened to s16, row by row.
#include "kernels/neon/store_q8.h"
#include "kernels/simd/depthwise_q8.inl.h"

namespace {

struct Sixteen {
  // Eight sums; or, in `a`, eight s16.
  struct I {
    int32x4_t a, b;
  };
  using Row = uint8x16_t;
  static constexpr int kAcc = 2, kRows = 1, kPair = 1;
  static constexpr bool kHoldWeights = false, kOwn3x3 = false;
  static I words(int16x8_t x) { return {vreinterpretq_s32_s16(x), vdupq_n_s32(0)}; }
  static I set_bytes(uint32_t x) { return words(vreinterpretq_s16_u32(vdupq_n_u32(x))); }
  static I set_pad(uint32_t x) { return words(vdupq_n_s16(static_cast<int16_t>(x & 0xFF))); }
  static Row load_row(const uint8_t* const* row, int, int64_t at, I flip) {
    return veorq_u8(vld1q_u8(*row + at), vreinterpretq_u8_s32(flip.a));
  }
  static Row fill_row(Row) { return vdupq_n_u8(0); }
  static void interleave(const Row* r, I* wide) {
    wide[0] = words(vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(r[0]))));
    wide[1] = words(vreinterpretq_s16_u16(vmovl_high_u8(r[0])));
  }
  static I load_start(const int32_t* start, int v) { return {vld1q_s32(start + 8 * v), vld1q_s32(start + 8 * v + 4)}; }
  static I load_weights(const uint8_t* w, int i) {
    return words(vld1q_s16(reinterpret_cast<const int16_t*>(w) + 8 * i));
  }
  static I add_products(I acc, I x, I w) {
    const int16x8_t code = vreinterpretq_s16_s32(x.a), weight = vreinterpretq_s16_s32(w.a);
    return {vmlal_s16(acc.a, vget_low_s16(code), vget_low_s16(weight)), vmlal_high_s16(acc.b, code, weight)};
  }
  struct Store {
    Requantizer<4> requantizer;
    Store(const octet::DepthwiseQ8Band& g, bool) : requantizer(g) {}
    void operator()(const I* acc, uint8_t* out) const {
      const int32x4_t sums[4] = {acc[0].a, acc[0].b, acc[1].a, acc[1].b};
      store_q8<4>(requantizer, sums, out);
    }
  };
};

void octet_depthwise_u8s8u8_16__neon(const octet::DepthwiseQ8Band& g) { depthwise_q8<Sixteen>(g); }

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__neon = {
    octet_depthwise_u8s8u8_16__neon, 1, {nullptr, 8, 2, 1, 2, nullptr}, /*permuted=*/0};
