// Vector traits for the shared float kernels. Minimum and maximum are comparison and selection: the instructions of
// that name order the zeros, which the contract does not.
#ifndef OCTET_KERNELS_NEON_FLOATS_H_
#define OCTET_KERNELS_NEON_FLOATS_H_

#include <arm_neon.h>
#include <stdint.h>

#include "kernels/gemm_tiles.h"

namespace {

struct Quad {
  using F = float32x4_t;
  using I = int32x4_t;
  // kLanes signed bytes; the signed halves of them.
  static I codes(const uint8_t* p) {
    return vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(load32(p))))));
  }
  static I low_nibbles(I x) { return vshrq_n_s32(vshlq_n_s32(x, 28), 28); }
  static I high_nibbles(I x) { return vshrq_n_s32(x, 4); }
  static F to_float(I x) { return vcvtq_f32_s32(x); }
  static constexpr int kLanes = 4;
  static F zero() { return vdupq_n_f32(0); }
  static F set1(float x) { return vdupq_n_f32(x); }
  static F broadcast(const uint8_t* p) { return vreinterpretq_f32_s32(vdupq_n_s32(load32(p))); }
  static F load(const float* p) { return vld1q_f32(p); }
  static void store(float* p, F x) { vst1q_f32(p, x); }
  static void store_first(float* p, F x, int n) {
    float lanes[4];
    vst1q_f32(lanes, x);
    for (int i = 0; i < n; ++i) p[i] = lanes[i];
  }
  static F fma(F a, F b, F c) { return vfmaq_f32(c, a, b); }
  static F add(F a, F b) { return vaddq_f32(a, b); }
  static F max(F a, F b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static F min(F a, F b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
};

}  // namespace

#endif  // OCTET_KERNELS_NEON_FLOATS_H_
