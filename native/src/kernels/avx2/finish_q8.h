// How a tile of an 8-bit product on 256-bit registers ends.
#ifndef OCTET_KERNELS_AVX2_FINISH_Q8_H_
#define OCTET_KERNELS_AVX2_FINISH_Q8_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/avx2/store_q8.h"
#include "kernels/gemm.h"

namespace {

template <int NV>
inline void store_f32(const octet::GemmBand& g, const __m256i* acc, uint8_t* out, int place) {
  const __m256 lo = _mm256_set1_ps(g.lo), hi = _mm256_set1_ps(g.hi);
  const __m256 scale = _mm256_set1_ps(g.row_scale[static_cast<int64_t>(place) * g.row_scale_step]);
#pragma GCC unroll 2
  for (int v = 0; v < NV; ++v) {
    const int left = g.columns - 8 * v;
    if (left <= 0) break;
    __m256 y = _mm256_mul_ps(_mm256_cvtepi32_ps(acc[v]), _mm256_mul_ps(scale, _mm256_loadu_ps(g.multiplier + 8 * v)));
    if (g.bias) y = _mm256_add_ps(y, _mm256_loadu_ps(g.bias + 8 * v));
    y = _mm256_min_ps(hi, _mm256_max_ps(lo, y));  // the second operand is the result for NaN
    float* to = reinterpret_cast<float*>(out) + 8 * v;
    if (left >= 8) {
      _mm256_storeu_ps(to, y);
    } else {
      const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
      _mm256_maskstore_ps(to, _mm256_cmpgt_epi32(_mm256_set1_epi32(left), lane), y);
    }
  }
}

// The epilogue works on spilled accumulators, [MR][8 * NV]: one copy for all tile heights.
template <int NV>
__attribute__((noinline)) void finish(const octet::GemmBand& g, const int32_t* spill, uint8_t* const* outs, int rows,
                                      int place) {
  const Requantizer<NV> requantizer(g);
  for (int m = 0; m < rows; ++m) {
    __m256i acc[2];
#pragma GCC unroll 2
    for (int v = 0; v < NV; ++v) {
      acc[v] = _mm256_load_si256(reinterpret_cast<const __m256i*>(spill + (m * NV + v) * 8));
    }
    for (int i = 0; i < g.term_count; ++i) {
      const __m256i row = _mm256_set1_epi32(g.terms[i].row[place + m]);
#pragma GCC unroll 2
      for (int v = 0; v < NV; ++v) {
        const __m256i column = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(g.terms[i].column + 8 * v));
        acc[v] = _mm256_add_epi32(acc[v], _mm256_mullo_epi32(row, column));
      }
    }
    if (g.dequantize) {
      store_f32<NV>(g, acc, outs[m], place + m);
    } else {
      store_q8<NV>(requantizer, acc, outs[m]);
    }
  }
}

}  // namespace

#endif  // OCTET_KERNELS_AVX2_FINISH_Q8_H_
