#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/conv.h"

namespace {

void octet_gemm_range_f32_64__avx512vnni(const float* x, int64_t n, float* min, float* max) {
  __m512 lo[4], hi[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    lo[i] = _mm512_set1_ps(__builtin_inff());
    hi[i] = _mm512_set1_ps(-__builtin_inff());
  }
  int64_t at = 0;
  for (; at + 64 <= n; at += 64) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const __m512 v = _mm512_loadu_ps(x + at + 16 * i);
      lo[i] = _mm512_min_ps(v, lo[i]);  // NaN gives the second operand
      hi[i] = _mm512_max_ps(v, hi[i]);
    }
  }
  for (; at < n; at += 16) {
    const int64_t left = n - at;
    const __mmask16 mask = left >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << left) - 1);
    lo[0] = _mm512_mask_min_ps(lo[0], mask, _mm512_maskz_loadu_ps(mask, x + at), lo[0]);
    hi[0] = _mm512_mask_max_ps(hi[0], mask, _mm512_maskz_loadu_ps(mask, x + at), hi[0]);
  }
  *min = _mm512_reduce_min_ps(_mm512_min_ps(_mm512_min_ps(lo[0], lo[1]), _mm512_min_ps(lo[2], lo[3])));
  *max = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_max_ps(hi[0], hi[1]), _mm512_max_ps(hi[2], hi[3])));
}

}  // namespace

extern "C" const RangeKernel octet_gemm_range__avx512vnni = {octet_gemm_range_f32_64__avx512vnni};
