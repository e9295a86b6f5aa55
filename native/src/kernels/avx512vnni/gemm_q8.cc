// u8 x s8 -> s32 product with vpdpbusd on 512-bit registers, and its epilogues.
//
// Panels: [K/4][16 * NV][4] s8, NV = 1..4. For 8-bit output the columns of a panel are permuted (pack/panels.h) so that
// the saturating packs, which work within 128-bit lanes, leave the bytes in order.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/store_q8.h"
#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

// Corrections per row, float results, or products beyond the int32 range. `acc` is [rows][16 * NV].
template <int NV>
__attribute__((noinline)) void finish_general(const GemmBand& g, const int32_t* acc, uint8_t* const* outs, int rows,
                                              int place) {
  const __m512 lo = _mm512_set1_ps(g.lo), hi = _mm512_set1_ps(g.hi);
  const Requantizer<NV> requantizer(g);
  const float bounds[2] = {static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)};
  for (int m = 0; m < rows; ++m) {
    __m512i a[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) a[v] = _mm512_load_si512(acc + (m * NV + v) * 16);
    for (int i = 0; i < g.term_count; ++i) {
      const __m512i row = _mm512_set1_epi32(g.terms[i].row[place + m]);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        a[v] = _mm512_add_epi32(a[v], _mm512_mullo_epi32(row, _mm512_loadu_si512(g.terms[i].column + 16 * v)));
      }
    }
    if (!g.dequantize) {
      store_q8<NV>(requantizer, a, outs[m], bounds);
      continue;
    }
    const __m512 scale = _mm512_set1_ps(g.row_scale[(int64_t)(place + m) * g.row_scale_step]);
    float* out = (float*)outs[m];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const int left = g.columns - 16 * v;
      if (left <= 0) break;
      __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(a[v]), _mm512_mul_ps(scale, _mm512_loadu_ps(g.multiplier + 16 * v)));
      if (g.bias) y = _mm512_add_ps(y, _mm512_loadu_ps(g.bias + 16 * v));
      y = _mm512_min_ps(hi, _mm512_max_ps(lo, y));  // the second operand is the result for NaN
      if (left >= 16) {
        _mm512_storeu_ps(out + 16 * v, y);
      } else {
        _mm512_mask_storeu_ps(out + 16 * v, (__mmask16)((1u << left) - 1), y);
      }
    }
  }
}

// MR rows by 16 * NV columns. Small tiles keep U sets of accumulators to hide the latency of 4 cycles.
template <int MR, int NV>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  constexpr int U = MR * NV >= 8 ? 1 : MR * NV >= 4 ? 2 : 4;
  __m512i acc[U][MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
    const __m512i s = _mm512_loadu_si512(g.start + 16 * v);
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
      acc[0][m][v] = s;
#pragma GCC unroll 4
      for (int u = 1; u < U; ++u) acc[u][m][v] = _mm512_setzero_si512();
    }
  }
  const uint8_t* r[MR];
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  const __m512i flip = _mm512_set1_epi32((int)g.flip);
  const GemmSpan* const end = g.spans + g.span_count;
  for (const GemmSpan* span = g.spans; span != end; ++span) {
    const uint8_t* b = g.panel + span->b * (NV * 64);
    int64_t i = span->a;
    int k = span->steps;
    if (U > 1) {
      for (; k >= U; k -= U) {
#pragma GCC unroll 4
        for (int u = 0; u < U; ++u) {
#pragma GCC unroll 8
          for (int m = 0; m < MR; ++m) {
            const __m512i x = _mm512_xor_si512(_mm512_set1_epi32(load32(r[m] + i + 4 * u)), flip);
#pragma GCC unroll 4
            for (int v = 0; v < NV; ++v) {
              acc[u][m][v] = _mm512_dpbusd_epi32(acc[u][m][v], x, _mm512_loadu_si512(b + (u * NV + v) * 64));
            }
          }
        }
        b += U * NV * 64;
        i += U * 4;
      }
    }
    for (; k > 0; --k) {
      __m512i w[NV];
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) w[v] = _mm512_loadu_si512(b + v * 64);
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) {
        const __m512i x = _mm512_xor_si512(_mm512_set1_epi32(load32(r[m] + i)), flip);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[0][m][v] = _mm512_dpbusd_epi32(acc[0][m][v], x, w[v]);
      }
      b += NV * 64;
      i += 4;
    }
  }
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
#pragma GCC unroll 4
      for (int u = 1; u < U; ++u) acc[0][m][v] = _mm512_add_epi32(acc[0][m][v], acc[u][m][v]);
      OCTET_KEEP(acc[0][m][v]);
    }
  }
  if (__builtin_expect(g.dequantize | g.term_count | g.clamp_first, 0)) {
    alignas(64) int32_t spill[MR * NV * 16];
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) _mm512_store_si512(spill + (m * NV + v) * 16, acc[0][m][v]);
    }
    finish_general<NV>(g, spill, outs, MR, place);
    return;
  }
  const Requantizer<NV> requantizer(g);
#pragma GCC unroll 8
  for (int m = 0; m < MR; ++m) store_q8<NV>(requantizer, acc[0][m], outs[m], nullptr);
}

const Tile kTiles4[] = {tile<1, 4>, tile<2, 4>, tile<3, 4>, tile<4, 4>, tile<5, 4>, tile<6, 4>};
const Tile kTiles3[] = {tile<1, 3>, tile<2, 3>, tile<3, 3>, tile<4, 3>, tile<5, 3>, tile<6, 3>, tile<7, 3>, tile<8, 3>};
const Tile kTiles2[] = {tile<1, 2>, tile<2, 2>, tile<3, 2>, tile<4, 2>, tile<5, 2>, tile<6, 2>, tile<7, 2>, tile<8, 2>};
const Tile kTiles1[] = {tile<1, 1>, tile<2, 1>, tile<3, 1>, tile<4, 1>, tile<5, 1>, tile<6, 1>, tile<7, 1>, tile<8, 1>};

void octet_gemm_u8s8s32_6x64__avx512vnni(const GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run_tiles(g, kTiles4, 6);
    case 3:
      return run_tiles(g, kTiles3, 8);
    case 2:
      return run_tiles(g, kTiles2, 8);
    default:
      return run_tiles(g, kTiles1, 8);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__avx512vnni = {
    octet_gemm_u8s8s32_6x64__avx512vnni, /*lanes=*/16, /*max_vectors=*/4, /*k_group=*/4, /*element=*/1, nullptr};
