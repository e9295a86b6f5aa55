#include <arm_neon.h>

#include "kernels/conv.h"

namespace {

void octet_gemm_range_f32_16__neon(const float* x, int64_t n, float* min, float* max) {
  float32x4_t lo[4], hi[4];
  for (int i = 0; i < 4; i++) {
    lo[i] = vdupq_n_f32(__builtin_inff());
    hi[i] = vdupq_n_f32(-__builtin_inff());
  }
  int64_t at = 0;
  for (; at + 16 <= n; at += 16) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const float32x4_t v = vld1q_f32(x + at + 4 * i);
      lo[i] = vbslq_f32(vcltq_f32(v, lo[i]), v, lo[i]);  // false for NaN, signalling ones too
      hi[i] = vbslq_f32(vcgtq_f32(v, hi[i]), v, hi[i]);
    }
  }
  float smallest = vminvq_f32(vminq_f32(vminq_f32(lo[0], lo[1]), vminq_f32(lo[2], lo[3])));
  float largest = vmaxvq_f32(vmaxq_f32(vmaxq_f32(hi[0], hi[1]), vmaxq_f32(hi[2], hi[3])));
  for (; at < n; at++) {
    smallest = x[at] < smallest ? x[at] : smallest;
    largest = x[at] > largest ? x[at] : largest;
  }
  *min = smallest;
  *max = largest;
}

}  // namespace

extern "C" const RangeKernel octet_gemm_range__neon = {octet_gemm_range_f32_16__neon};
