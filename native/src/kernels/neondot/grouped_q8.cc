// 8-bit convolution in groups of few channels with sdot: blocks of 16 channels. u8 codes become s8 by `flip`; the operator
// moves the zero point along.
#include <arm_neon.h>

#include "kernels/simd/grouped_q8.inl.h"

namespace {

struct Neon {
  using I = int32x4_t;
  static constexpr int kBytes = 16, kPixels = 4, kMaxQuads = 4;
  static constexpr bool kByColumns = true;
  static I splat(uint32_t x) { return vreinterpretq_s32_u32(vdupq_n_u32(x)); }
  static I load(const uint8_t* from) { return vreinterpretq_s32_u8(vld1q_u8(from)); }
  static void store_bytes(uint8_t* to, I x) { vst1q_u8(to, vreinterpretq_u8_s32(x)); }
  static I flip(I x, const I* mask) { return veorq_s32(x, *mask); }
  static I load_start(const int32_t* start, int k) { return vld1q_s32(start + 4 * k); }
  static I load_weights(const uint8_t* w, int i) { return load(w + 16 * i); }
  static I exchange(I x, int r) {
    if (r >= 2) x = vextq_s32(x, x, 2);
    return r % 2 == 1 ? vrev64q_s32(x) : x;
  }
  static I add_products(I acc, I x, I w) { return vdotq_s32(acc, vreinterpretq_s8_s32(x), vreinterpretq_s8_s32(w)); }
  struct Store {
    float32x4_t multiplier[4], lo, hi;
    int32x4_t zero_point;
    uint8x16_t flip, order;  // of the bytes, register by register
    int columns;
    explicit Store(const octet::GroupedQ8Band& g)
        : lo(vdupq_n_f32(static_cast<float>(g.qmin - g.zero_point))),
          hi(vdupq_n_f32(static_cast<float>(g.qmax - g.zero_point))),
          zero_point(vdupq_n_s32(g.zero_point)),
          flip(vdupq_n_u8(static_cast<uint8_t>(g.out_flip))),
          columns(g.columns) {
      const uint8_t places[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
      order = vld1q_u8(places);
      for (int k = 0; k < 4; ++k) multiplier[k] = vld1q_f32(g.multiplier + 4 * k);
    }
    // The sums and multipliers are finite, so there is no NaN.
    __attribute__((always_inline)) void operator()(const I* acc, uint8_t* out) const {
      int16x4_t t[4];
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        float32x4_t f = vmulq_f32(vcvtq_f32_s32(acc[k]), multiplier[k]);
        f = vminq_f32(vmaxq_f32(f, lo), hi);
        t[k] = vmovn_s32(vaddq_s32(vcvtnq_s32_f32(f), zero_point));
      }
      const uint8x16_t codes =
          vcombine_u8(vqmovun_s16(vcombine_s16(t[0], t[1])), vqmovun_s16(vcombine_s16(t[2], t[3])));
      const uint8x16_t q = veorq_u8(vqtbl1q_u8(codes, order), flip);
      if (columns == 16) {
        vst1q_u8(out, q);
      } else {
        uint8_t bytes[16];
        vst1q_u8(bytes, q);
        for (int i = 0; i < columns; ++i) out[i] = bytes[i];
      }
    }
  };
};

void octet_grouped_s8s8u8_16__neondot(const octet::GroupedQ8Band& g) { grouped_q8<Neon>(g); }

}  // namespace

extern "C" const octet::GroupedQ8Kernel octet_grouped_q8__neondot = {
    octet_grouped_s8s8u8_16__neondot, /*lanes=*/4, Neon::kMaxQuads, /*signed_a=*/1, kColumns, kMaxRows, kMaxStride};
