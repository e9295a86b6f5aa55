#include <immintrin.h>

#include "kernels/conv.h"

namespace {

void octet_gemm_range_f32_32__avx2(const float* x, int64_t n, float* min, float* max) {
  __m256 lo[4], hi[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    lo[i] = _mm256_set1_ps(__builtin_inff());
    hi[i] = _mm256_set1_ps(-__builtin_inff());
  }
  int64_t at = 0;
  for (; at + 32 <= n; at += 32) {
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      const __m256 v = _mm256_loadu_ps(x + at + 8 * i);
      lo[i] = _mm256_min_ps(v, lo[i]);  // NaN gives the second operand
      hi[i] = _mm256_max_ps(v, hi[i]);
    }
  }
  lo[0] = _mm256_min_ps(_mm256_min_ps(lo[0], lo[1]), _mm256_min_ps(lo[2], lo[3]));
  hi[0] = _mm256_max_ps(_mm256_max_ps(hi[0], hi[1]), _mm256_max_ps(hi[2], hi[3]));
  float low[8], high[8];
  _mm256_storeu_ps(low, lo[0]);
  _mm256_storeu_ps(high, hi[0]);
  float smallest = low[0], largest = high[0];
  for (int i = 1; i < 8; i++) {
    smallest = low[i] < smallest ? low[i] : smallest;
    largest = high[i] > largest ? high[i] : largest;
  }
  for (; at < n; at++) {
    smallest = x[at] < smallest ? x[at] : smallest;
    largest = x[at] > largest ? x[at] : largest;
  }
  *min = smallest;
  *max = largest;
}

}  // namespace

extern "C" const RangeKernel octet_gemm_range__avx2 = {octet_gemm_range_f32_32__avx2};
