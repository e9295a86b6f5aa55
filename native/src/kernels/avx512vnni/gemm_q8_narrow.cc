// u8 x s8 -> s32 product for 17 to 24 columns with vpdpbusd on 512-bit registers. In registers of 16 columns a quarter of
// the products would be wasted. So a register holds 8 columns, two K steps of 4 for each: [K/8][24][8] s8, activations in
// broadcasts of 8 bytes. Sums of neighbours are added at the end.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/gemm.h"
#include "kernels/gemm_tiles.h"

namespace {

using octet::GemmBand;
using octet::GemmSpan;

constexpr int NV = 3, kRows = 4;

template <bool kFlip>
inline __m512i activations(const uint8_t* a, __m512i flip) {
  int64_t v;
  __builtin_memcpy(&v, a, 8);
  const __m512i x = _mm512_set1_epi64(v);
  return kFlip ? _mm512_xor_si512(x, flip) : x;
}

// Columns 2L, 2L + 1 of x, then those of y, in lane L.
inline __m512i add_neighbours(__m512i x, __m512i y) {
  const __m512 a = _mm512_castsi512_ps(x), b = _mm512_castsi512_ps(y);
  return _mm512_add_epi32(_mm512_castps_si512(_mm512_shuffle_ps(a, b, 0x88)),
                          _mm512_castps_si512(_mm512_shuffle_ps(a, b, 0xDD)));
}

// Codes over all of u8: two rows in three registers.
struct Plain {
  __m512 multiplier, last_multiplier;
  __m512i zero_point;
  __mmask32 mask;

  explicit Plain(const GemmBand& g)
      : multiplier(_mm512_permutexvar_ps(_mm512_setr_epi32(0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15),
                                         _mm512_loadu_ps(g.multiplier))),
        last_multiplier(_mm512_permutexvar_ps(_mm512_setr_epi32(0, 1, 0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7),
                                              _mm512_loadu_ps(g.multiplier + 16))),
        zero_point(_mm512_set1_epi16((short)g.zero_point)),
        mask(~0u >> (32 - g.columns)) {}

  static __m512i scaled(__m512i sum, __m512 by) {
    return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), by));
  }

  __attribute__((always_inline)) void store(const __m512i* a, const __m512i* b, uint8_t* out_a, uint8_t* out_b) const {
    const __m512i ta = scaled(add_neighbours(a[0], a[1]), multiplier);
    const __m512i tb = scaled(add_neighbours(b[0], b[1]), multiplier);
    const __m512i last = scaled(add_neighbours(a[2], b[2]), last_multiplier);
    const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(ta, last), zero_point);
    const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(tb, tb), zero_point);
    // The words of lane L are columns 2L, 8 + 2L and 16 + 2L of a, 16 + 2L of b, 2L and 8 + 2L of b.
    const __m512i order = _mm512_set_epi16(0, 0, 0, 0, 27, 19, 11, 3, 29, 21, 13, 5, 28, 20, 12, 4, 0, 0, 0, 0, 26, 18,
                                           10, 2, 25, 17, 9, 1, 24, 16, 8, 0);
    const __m512i q = _mm512_permutexvar_epi16(order, _mm512_packus_epi16(low, high));
    _mm256_mask_storeu_epi8(out_a, mask, _mm512_castsi512_si256(q));
    _mm256_mask_storeu_epi8(out_b, mask, _mm512_extracti64x4_epi64(q, 1));
  }
};

// Any bounds, corrections per row, products beyond the int32 range. `sums` is [rows][32].
__attribute__((noinline)) void finish_general(const GemmBand& g, const int32_t* sums, uint8_t* const* outs, int rows,
                                              int place) {
  const __m512i zero_point = _mm512_set1_epi32(g.zero_point), flip = _mm512_set1_epi32(g.out_flip);
  const __m512i qmin = _mm512_set1_epi32(g.qmin), qmax = _mm512_set1_epi32(g.qmax);
  const __m512 lo = _mm512_set1_ps((float)(g.qmin - g.zero_point)), hi = _mm512_set1_ps((float)(g.qmax - g.zero_point));
  for (int m = 0; m < rows; ++m) {
    for (int c = 0; c < g.columns; c += 16) {
      __m512i sum = _mm512_loadu_si512(sums + 32 * m + c);
      for (int i = 0; i < g.term_count; ++i) {
        const __m512i row = _mm512_set1_epi32(g.terms[i].row[place + m]);
        sum = _mm512_add_epi32(sum, _mm512_mullo_epi32(row, _mm512_loadu_si512(g.terms[i].column + c)));
      }
      __m512 t = _mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_loadu_ps(g.multiplier + c));
      if (g.clamp_first) t = _mm512_min_ps(_mm512_max_ps(t, lo), hi);
      __m512i q = _mm512_cvtps_epi32(t);
      q = _mm512_min_epi32(_mm512_max_epi32(q, _mm512_set1_epi32(-32768)), _mm512_set1_epi32(32767));
      q = _mm512_min_epi32(_mm512_max_epi32(_mm512_add_epi32(q, zero_point), qmin), qmax);
      const int left = g.columns - c;
      const __mmask16 mask = left >= 16 ? 0xFFFF : (__mmask16)((1u << left) - 1);
      _mm_mask_storeu_epi8(outs[m] + c, mask, _mm512_cvtepi32_epi8(_mm512_xor_si512(q, flip)));
    }
  }
}

template <int MR, bool kFlip>
__attribute__((always_inline)) inline void multiply(const uint8_t* const* rows, const uint8_t* b, int k, __m512i flip,
                                                    __m512i (*acc)[NV]) {
  const uint8_t* r[MR];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) r[m] = rows[m];
  for (int64_t i = 0; k > 0; --k, i += 8) {
    __m512i w[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) w[v] = _mm512_loadu_si512(b + v * 64);
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) {
      const __m512i x = activations<kFlip>(r[m] + i, flip);
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) acc[m][v] = _mm512_dpbusd_epi32(acc[m][v], x, w[v]);
    }
    b += NV * 64;
  }
}

// A start value goes to the first of two neighbours.
inline __m512i first_sums(const int32_t* start) {
  return _mm512_cvtepu32_epi64(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(start)));
}

template <int MR>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  __m512i acc[MR][NV];
#pragma GCC unroll 4
  for (int v = 0; v < NV; ++v) {
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) acc[m][v] = first_sums(g.start + 8 * v);
  }
  const __m512i flip = _mm512_set1_epi32((int)g.flip);
  for (int s = 0; s < g.span_count; ++s) {
    const GemmSpan& span = g.spans[s];
    const uint8_t* r[MR];
#pragma GCC unroll 4
    for (int m = 0; m < MR; ++m) r[m] = rows[m] + span.a;
    multiply<MR, true>(r, g.panel + span.b * (NV * 64), span.steps, flip, acc);
  }
  const __m512i order = _mm512_setr_epi32(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
  alignas(64) int32_t sums[MR * 32];
#pragma GCC unroll 4
  for (int m = 0; m < MR; ++m) {
    _mm512_store_si512(sums + 32 * m, _mm512_permutexvar_epi32(order, add_neighbours(acc[m][0], acc[m][1])));
    _mm512_store_si512(sums + 32 * m + 16, _mm512_permutexvar_epi32(order, add_neighbours(acc[m][2], acc[m][2])));
  }
  finish_general(g, sums, outs, MR, place);
}

// Tiles of four rows at equal distances in one loop, which ends in codes over all of u8: the end of one and the products
// of the next are in flight at the same time.
__attribute__((noinline)) void strip(const GemmBand& g, const uint8_t* a, uint8_t* out, int tiles) {
  const Plain plain(g);
  const int64_t a_x = g.a_x, out_x = g.out_x;
  const GemmSpan* const spans = g.spans;
  const int span_count = g.span_count;
  const uint8_t* const panel = g.panel;
  const int32_t* const start = g.start;
  const __m512i none = _mm512_setzero_si512();
  for (int t = 0; t < tiles; ++t) {
    __m512i acc[kRows][NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const __m512i s = first_sums(start + 8 * v);
#pragma GCC unroll 4
      for (int m = 0; m < kRows; ++m) acc[m][v] = s;
    }
    for (int s = 0; s < span_count; ++s) {
      const uint8_t* const r = a + spans[s].a;
      const uint8_t* const rows[kRows] = {r, r + a_x, r + 2 * a_x, r + 3 * a_x};
      multiply<kRows, false>(rows, panel + spans[s].b * (NV * 64), spans[s].steps, none, acc);
    }
#pragma GCC unroll 4
    for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) OCTET_KEEP(acc[m][v]);
    }
    plain.store(acc[0], acc[1], out, out + out_x);
    plain.store(acc[2], acc[3], out + 2 * out_x, out + 3 * out_x);
    a += kRows * a_x;
    out += kRows * out_x;
  }
}

void octet_gemm_u8s8s32_4x24__avx512vnni(const GemmBand& g) {
  static const Tile tiles[] = {tile<1>, tile<2>, tile<3>, tile<4>};
  const bool plain = (g.term_count | g.clamp_first | g.flip | g.qmin | g.out_flip) == 0 && g.qmax == 255;
  if (!plain || g.count < kRows) return run_tiles(g, tiles, kRows);
  // The rows of the rectangle, or all of it where they follow each other at the same distance.
  const bool even = g.a_y == g.width * g.a_x && g.out_y == g.width * g.out_x;
  GemmBand rest = g;
  for (int done = 0; done < g.count;) {
    const int x = (g.first + done) % g.width, y = (g.first + done) / g.width;
    const int in_row = even || g.width - x > g.count - done ? g.count - done : g.width - x, full = in_row / kRows;
    if (full > 0) strip(g, g.a + x * g.a_x + y * g.a_y, g.out + x * g.out_x + y * g.out_y, full);
    rest.first = g.first + done + full * kRows;
    rest.count = in_row - full * kRows;
    run_tiles(rest, tiles, kRows);
    done += in_row;
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8_narrow__avx512vnni = {
    octet_gemm_u8s8s32_4x24__avx512vnni, /*lanes=*/8, /*max_vectors=*/3, /*k_group=*/8, /*element=*/1, nullptr};
