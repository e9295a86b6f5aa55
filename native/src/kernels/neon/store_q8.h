// The ends of the 8-bit kernels. With registers of four lanes the columns of a panel stand in their natural order
// (pack/panels.h permutes within 128 bits only).
#ifndef OCTET_KERNELS_NEON_STORE_Q8_H_
#define OCTET_KERNELS_NEON_STORE_Q8_H_

#include <arm_neon.h>
#include <stdint.h>

#include "kernels/gemm.h"

namespace {

// What the end of an 8-bit kernel needs, read once: a store of codes may alias the band.
template <int NV>
struct Requantizer {
  float32x4_t multiplier[NV], lo, hi;
  int32x4_t zero_point;
  uint8x16_t flip;
  int columns;

  // Band: GemmBand or another with the same fields.
  template <typename Band>
  explicit Requantizer(const Band& g)
      : lo(vdupq_n_f32(static_cast<float>(g.qmin - g.zero_point))),
        hi(vdupq_n_f32(static_cast<float>(g.qmax - g.zero_point))),
        zero_point(vdupq_n_s32(g.zero_point)),
        flip(vdupq_n_u8(static_cast<uint8_t>(g.out_flip))),
        columns(g.columns) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) multiplier[v] = vld1q_f32(g.multiplier + 4 * v);
  }
};

// Requantizes NV registers of sums to at most 4 * NV codes. The sums and multipliers are finite, so there is no NaN;
// which zero a bound gives does not matter to a code.
template <int NV>
inline void store_q8(const Requantizer<NV>& g, const int32x4_t* acc, uint8_t* out) {
  int32x4_t t[4];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    float32x4_t f = vmulq_f32(vcvtq_f32_s32(acc[v]), g.multiplier[v]);
    f = vminq_f32(vmaxq_f32(f, g.lo), g.hi);
    t[v] = vaddq_s32(vcvtnq_s32_f32(f), g.zero_point);
  }
#pragma GCC unroll 4
  for (int v = NV; v < 4; ++v) t[v] = t[0];
  const uint8x8_t low = vqmovun_s16(vcombine_s16(vmovn_s32(t[0]), vmovn_s32(t[1])));
  const uint8x8_t high = vqmovun_s16(vcombine_s16(vmovn_s32(t[2]), vmovn_s32(t[3])));
  const uint8x16_t q = veorq_u8(vcombine_u8(low, high), g.flip);
  if (NV == 4 && g.columns == 16) {
    vst1q_u8(out, q);
  } else if (g.columns == 8) {
    vst1_u8(out, vget_low_u8(q));
  } else {
    uint8_t bytes[16];
    vst1q_u8(bytes, q);
    for (int i = 0; i < g.columns; ++i) out[i] = bytes[i];
  }
}

template <int NV>
inline void store_f32(const octet::GemmBand& g, const int32x4_t* acc, uint8_t* out, int place) {
  const float32x4_t lo = vdupq_n_f32(g.lo), hi = vdupq_n_f32(g.hi);
  const float32x4_t scale = vdupq_n_f32(g.row_scale[static_cast<int64_t>(place) * g.row_scale_step]);
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const int left = g.columns - 4 * v;
    if (left <= 0) break;
    float32x4_t y = vmulq_f32(vcvtq_f32_s32(acc[v]), vmulq_f32(scale, vld1q_f32(g.multiplier + 4 * v)));
    if (g.bias) y = vaddq_f32(y, vld1q_f32(g.bias + 4 * v));
    y = vbslq_f32(vcgtq_f32(lo, y), lo, y);  // NaN passes
    y = vbslq_f32(vcltq_f32(hi, y), hi, y);
    float* to = reinterpret_cast<float*>(out) + 4 * v;
    if (left >= 4) {
      vst1q_f32(to, y);
    } else {
      float lanes[4];
      vst1q_f32(lanes, y);
      for (int i = 0; i < left; ++i) to[i] = lanes[i];
    }
  }
}

// The epilogue of the products works on spilled accumulators, [rows][4 * NV]: one copy for all tile heights.
template <int NV>
__attribute__((noinline)) void finish(const octet::GemmBand& g, const int32_t* spill, uint8_t* const* outs, int rows,
                                      int place) {
  const Requantizer<NV> requantizer(g);
  for (int m = 0; m < rows; ++m) {
    int32x4_t acc[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) acc[v] = vld1q_s32(spill + (m * NV + v) * 4);
    for (int i = 0; i < g.term_count; ++i) {
      const int32x4_t row = vdupq_n_s32(g.terms[i].row[place + m]);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[v] = vmlaq_s32(acc[v], row, vld1q_s32(g.terms[i].column + 4 * v));
    }
    if (g.dequantize) {
      store_f32<NV>(g, acc, outs[m], place + m);
    } else {
      store_q8<NV>(requantizer, acc, outs[m]);
    }
  }
}

}  // namespace

#endif  // OCTET_KERNELS_NEON_STORE_Q8_H_
