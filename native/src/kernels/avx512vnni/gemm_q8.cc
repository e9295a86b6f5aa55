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
using octet::GemmPanels;
using octet::GemmSpan;
using octet::GemmTerm;

template <int NV>
inline void add_terms(const GemmBand& g, int place, __m512i* acc) {
  for (int i = 0; i < g.term_count; ++i) {
    const __m512i row = _mm512_set1_epi32(g.terms[i].row[place]);
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      acc[v] = _mm512_add_epi32(acc[v], _mm512_mullo_epi32(row, _mm512_loadu_si512(g.terms[i].column + 16 * v)));
    }
  }
}

// y = (float)acc * multiplier + bias, clamped.
template <int NV>
struct Dequantizer {
  __m512 multiplier[NV], bias[NV], lo, hi;
  int columns;

  explicit Dequantizer(const GemmBand& g) : lo(_mm512_set1_ps(g.lo)), hi(_mm512_set1_ps(g.hi)), columns(g.columns) {
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      multiplier[v] = _mm512_loadu_ps(g.multiplier + 16 * v);
      bias[v] = g.bias != nullptr ? _mm512_loadu_ps(g.bias + 16 * v) : _mm512_set1_ps(-0.0f);  // y + -0 is y
    }
  }

  void store(const __m512i* acc, const __m512* scale, uint8_t* to) const {
    float* const out = reinterpret_cast<float*>(to);
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      __m512 y = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(acc[v]), scale[v]), bias[v]);
      y = _mm512_min_ps(hi, _mm512_max_ps(lo, y));  // the second operand is the result for NaN
      const int left = columns - 16 * v;
      if (left >= 16) {
        _mm512_storeu_ps(out + 16 * v, y);
      } else if (left > 0) {
        _mm512_mask_storeu_ps(out + 16 * v, static_cast<__mmask16>((1u << left) - 1), y);
      }
    }
  }
};

// Corrections per row, scales per row, or products beyond the int32 range. `acc` is [rows][16 * NV].
template <int NV>
__attribute__((noinline)) void finish_general(const GemmBand& g, const int32_t* acc, uint8_t* const* outs, int rows,
                                              int place) {
  const Requantizer<NV> requantizer(g);
  const Dequantizer<NV> dequantizer(g);
  const float bounds[2] = {static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)};
  for (int m = 0; m < rows; ++m) {
    __m512i a[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) a[v] = _mm512_load_si512(acc + (m * NV + v) * 16);
    add_terms<NV>(g, place + m, a);
    if (!g.dequantize) {
      store_q8<NV>(requantizer, a, outs[m], bounds);
      continue;
    }
    const __m512 scale = _mm512_set1_ps(g.row_scale[(int64_t)(place + m) * g.row_scale_step]);
    __m512 scales[NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) scales[v] = _mm512_mul_ps(scale, dequantizer.multiplier[v]);
    dequantizer.store(a, scales, outs[m]);
  }
}

// How a tile ends: codes, floats from u8 whose scales hold for all rows, or finish_general. kPlain: u8 from u8, bounds
// that the packs keep: the tile has no branch after the products and no step that changes nothing.
enum class End { kPlain, kCodes, kFloats, kGeneral };

template <bool kFlip>
inline __m512i activations(const uint8_t* a, __m512i flip) {
  const __m512i x = _mm512_set1_epi32(load32(a));
  return kFlip ? _mm512_xor_si512(x, flip) : x;
}

// MR rows by 16 * NV columns. Small tiles keep U sets of accumulators to hide the latency of 4 cycles; weights that only
// a few rows wait for are asked for some steps ahead.
template <int MR, int NV>
constexpr int kSets = MR* NV > 8   ? 1
                      : MR* NV > 4 ? 2
                                   : 4;

template <int MR, int NV, bool kFlip, bool kFetch>
__attribute__((always_inline)) inline void add_spans(const GemmBand& g, const uint8_t* const* r,
                                                     __m512i (*acc)[MR][NV]) {
  constexpr int U = kSets<MR, NV>;
  constexpr int kFetchAhead = 1024;
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
          __m512i w[NV];
#pragma GCC unroll 4
          for (int v = 0; v < NV; ++v) {
            if (kFetch) __builtin_prefetch(b + (u * NV + v) * 64 + kFetchAhead);
            w[v] = _mm512_loadu_si512(b + (u * NV + v) * 64);
          }
#pragma GCC unroll 8
          for (int m = 0; m < MR; ++m) {
            const __m512i x = activations<kFlip>(r[m] + i + 4 * u, flip);
#pragma GCC unroll 4
            for (int v = 0; v < NV; ++v) acc[u][m][v] = _mm512_dpbusd_epi32(acc[u][m][v], x, w[v]);
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
        const __m512i x = activations<kFlip>(r[m] + i, flip);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) acc[0][m][v] = _mm512_dpbusd_epi32(acc[0][m][v], x, w[v]);
      }
      b += NV * 64;
      i += 4;
    }
  }
}

// The end of a tile of rows that have the same constants.
template <int NV, End kEnd>
struct Finish {
  Requantizer<NV> requantizer;
  explicit Finish(const GemmBand& g) : requantizer(g) {}

  template <int MR>
  __attribute__((always_inline)) void store(const __m512i (*acc)[NV], uint8_t* const* outs) const {
    if (kEnd == End::kPlain) return store_plain<MR, NV>(requantizer, acc, outs);
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) store_q8<NV>(requantizer, acc[m], outs[m], nullptr);
  }
};

template <int NV>
struct Finish<NV, End::kFloats> {
  Dequantizer<NV> dequantizer;
  explicit Finish(const GemmBand& g) : dequantizer(g) {}

  template <int MR>
  __attribute__((always_inline)) void store(const __m512i (*acc)[NV], uint8_t* const* outs) const {
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) dequantizer.store(acc[m], dequantizer.multiplier, outs[m]);
  }
};

template <int MR, int NV, End kEnd>
__attribute__((always_inline)) inline void one_tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs,
                                                    int place) {
  constexpr int U = kSets<MR, NV>;
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
  constexpr bool kFlip = kEnd != End::kPlain && kEnd != End::kFloats;
  if (MR <= 2 && g.streamed) {
    add_spans<MR, NV, kFlip, MR <= 2>(g, r, acc);
  } else {
    add_spans<MR, NV, kFlip, false>(g, r, acc);
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
  if constexpr (kEnd != End::kGeneral) {
    Finish<NV, kEnd>(g).template store<MR>(acc[0], outs);
  } else {
    alignas(64) int32_t spill[MR * NV * 16];
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) _mm512_store_si512(spill + (m * NV + v) * 16, acc[0][m][v]);
    }
    finish_general<NV>(g, spill, outs, MR, place);
  }
}

template <int MR, int NV, End kEnd>
__attribute__((noinline)) void tile(const GemmBand& g, const uint8_t* const* rows, uint8_t* const* outs, int place) {
  one_tile<MR, NV, kEnd>(g, rows, outs, place);
}

// Kept from being computed once before the loop: what is then kept in a vector register comes back late.
inline int64_t fresh(int64_t x) {
  asm volatile("" : "+r"(x));
  return x;
}

// Tiles of MR (4 or 8) rows one after the other, in one loop: rows at equal distances, one span. The tiles are so low
// that the end of one and the products of the next are in flight at the same time. kAhead: a line of what lies ahead is
// asked for every `piece` steps.
template <int MR, int NV, End kEnd, bool kAhead>
__attribute__((noinline)) void strip(const GemmBand& g, const uint8_t* a, uint8_t* out, int tiles, int piece) {
  constexpr int U = MR * NV > 8 ? 1 : 2;
  const uint8_t* ahead = g.ahead;
  const Finish<NV, kEnd> finish(g);
  const int64_t a_x = g.a_x, out_x = g.out_x;
  const int steps = g.spans->steps;
  const uint8_t* const panel = g.panel + g.spans->b * (NV * 64);
  const int32_t* const start = g.start;
  const __m512i flip = _mm512_set1_epi32((int)g.flip);
  constexpr bool kFlip = kEnd == End::kCodes;
  a += g.spans->a;
  for (int t = 0; t < tiles; ++t) {
    __m512i acc[U][MR][NV];
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const __m512i s = _mm512_loadu_si512(start + 16 * v);
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) {
        acc[0][m][v] = s;
        if (U == 2) acc[U - 1][m][v] = _mm512_setzero_si512();
      }
    }
    const uint8_t* b = panel;
    // Two bases with the same four distances: a register for each row would not be left over.
    const int64_t a_4 = 4 * fresh(a_x), out_4 = 4 * fresh(out_x);
    const uint8_t* r[2] = {a, a + a_4};
    int k = steps;
    while (k >= U) {
      int n = k;
      if (kAhead) {
        __builtin_prefetch(ahead, 0, 2);
        ahead += 64;
        n = k < piece ? k : piece;
      }
      k -= n;
      for (; n >= U; n -= U) {
#pragma GCC unroll 2
        for (int u = 0; u < U; ++u) {
          __m512i w[NV];
#pragma GCC unroll 4
          for (int v = 0; v < NV; ++v) w[v] = _mm512_loadu_si512(b + (u * NV + v) * 64);
#pragma GCC unroll 8
          for (int m = 0; m < MR; ++m) {
            const __m512i x = activations<kFlip>(r[m / 4] + m % 4 * a_x + 4 * u, flip);
#pragma GCC unroll 4
            for (int v = 0; v < NV; ++v) acc[u][m][v] = _mm512_dpbusd_epi32(acc[u][m][v], x, w[v]);
          }
        }
        b += U * NV * 64;
        r[0] += U * 4;
        r[1] += U * 4;
      }
      k += n;
    }
    if (U == 2 && k != 0) {
#pragma GCC unroll 8
      for (int m = 0; m < MR; ++m) {
        const __m512i x = activations<kFlip>(r[m / 4] + m % 4 * a_x, flip);
#pragma GCC unroll 4
        for (int v = 0; v < NV; ++v) {
          acc[0][m][v] = _mm512_dpbusd_epi32(acc[0][m][v], x, _mm512_loadu_si512(b + v * 64));
        }
      }
    }
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) {
#pragma GCC unroll 4
      for (int v = 0; v < NV; ++v) {
        if (U == 2) acc[0][m][v] = _mm512_add_epi32(acc[0][m][v], acc[U - 1][m][v]);
        OCTET_KEEP(acc[0][m][v]);
      }
    }
    uint8_t* outs[MR];
#pragma GCC unroll 8
    for (int m = 0; m < MR; ++m) outs[m] = out + m / 4 * out_4 + m % 4 * out_x;
    finish.template store<MR>(acc[0], outs);
    a += MR / 4 * a_4;
    out += MR / 4 * out_4;
  }
}

template <int NV, End kEnd>
void run(const GemmBand& g) {
  constexpr int kTallest = NV == 4 ? 6 : 8;
  static const Tile tiles[] = {tile<1, NV, kEnd>,
                               tile<2, NV, kEnd>,
                               tile<3, NV, kEnd>,
                               tile<4, NV, kEnd>,
                               tile<5, NV, kEnd>,
                               tile<6, NV, kEnd>,
                               tile < kTallest == 6 ? 6 : 7,
                               NV,
                               kEnd >,
                               tile<kTallest, NV, kEnd>};
  constexpr int kRows = NV > 2 ? 4 : 8;  // of a tile in a strip
  // Floats are no gain: the constants of their end do not fit the registers beside the tile.
  if constexpr (kEnd == End::kPlain || kEnd == End::kCodes) {
    const int x = g.first % g.width, y = g.first / g.width;
    const bool even = x + (int64_t)g.count <= g.width || (g.a_y == g.width * g.a_x && g.out_y == g.width * g.out_x);
    if (even && g.span_count == 1 && g.count >= kRows && (NV > 2 || g.ahead_bytes == 0)) {
      // A last tile of one or two rows would wait for its weights: it becomes a taller one where there is such a tile.
      int full = g.count / kRows, rest = g.count % kRows;
      if (rest != 0 && rest + kRows <= kTallest) {
        rest += kRows;
        --full;
      }
      const uint8_t* a = g.a + x * g.a_x + y * g.a_y;
      uint8_t* out = g.out + x * g.out_x + y * g.out_y;
      if (full != 0) {
        if (g.ahead_bytes == 0) {
          strip<kRows, NV, kEnd, false>(g, a, out, full, 0);
        } else {
          const int64_t steps = (int64_t)full * g.spans->steps, lines = (g.ahead_bytes + 63) / 64;
          strip<kRows, NV, kEnd, (NV > 2)>(g, a, out, full, lines < steps ? (int)(steps / lines) : 1);
        }
        a += (int64_t)full * kRows * g.a_x;
        out += (int64_t)full * kRows * g.out_x;
      }
      if (rest == 0) return;
      const uint8_t* as[8];
      uint8_t* outs[8];
      for (int m = 0; m < rest; ++m) {
        as[m] = a + m * g.a_x;
        outs[m] = out + m * g.out_x;
      }
      return tiles[rest - 1](g, as, outs, full * kRows);
    }
  }
  run_tiles(g, tiles, kTallest);
}

inline End end_of(const GemmBand& g) {
  if (g.dequantize) return g.row_scale_step != 0 || g.term_count != 1 || g.flip != 0 ? End::kGeneral : End::kFloats;
  if (g.term_count | g.clamp_first) return End::kGeneral;
  return g.flip == 0 && g.qmin == 0 && g.qmax == 255 && g.out_flip == 0 ? End::kPlain : End::kCodes;
}

// One scale and one correction for all rows: what a panel of End::kFloats begins with and is multiplied by.
template <int NV>
struct Uniform {
  alignas(64) int32_t start[16 * NV];
  alignas(64) float multiplier[16 * NV];

  explicit Uniform(const GemmBand& g) {
    const __m512i row = _mm512_set1_epi32(g.terms[0].row[0]);
    const __m512 scale = _mm512_set1_ps(g.row_scale[0]);
#pragma GCC unroll 4
    for (int v = 0; v < NV; ++v) {
      const __m512i term = _mm512_mullo_epi32(row, _mm512_loadu_si512(g.terms[0].column + 16 * v));
      _mm512_store_si512(start + 16 * v, _mm512_add_epi32(_mm512_loadu_si512(g.start + 16 * v), term));
      _mm512_store_ps(multiplier + 16 * v, _mm512_mul_ps(scale, _mm512_loadu_ps(g.multiplier + 16 * v)));
    }
  }
};

template <int NV>
void run(const GemmBand& g) {
  switch (end_of(g)) {
    case End::kPlain:
      return run<NV, End::kPlain>(g);
    case End::kCodes:
      return run<NV, End::kCodes>(g);
    case End::kGeneral:
      return run<NV, End::kGeneral>(g);
    case End::kFloats:
      const Uniform<NV> columns(g);
      GemmBand uniform = g;
      uniform.start = columns.start;
      uniform.multiplier = columns.multiplier;
      return run<NV, End::kFloats>(uniform);
  }
}

template <End kEnd>
void row(const GemmBand& g, const GemmPanels& panels) {
  constexpr int NV = 4, kColumns = 16 * NV;
  const int64_t x = g.first % g.width, y = g.first / g.width;
  const uint8_t* const a = g.a + x * g.a_x + y * g.a_y;
  uint8_t* out = g.out + x * g.out_x + y * g.out_y;
  GemmBand band = g;
  GemmTerm terms[2] = {};
  for (int i = 0; i < g.term_count; ++i) terms[i] = g.terms[i];
  band.terms = terms;
  const int64_t step = panels.step * kColumns;
  for (int32_t left = panels.count;;) {
    if (kEnd == End::kFloats) {
      const Uniform<NV> columns(band);
      GemmBand uniform = band;
      uniform.start = columns.start;
      uniform.multiplier = columns.multiplier;
      one_tile<1, NV, kEnd>(uniform, &a, &out, 0);
    } else {
      one_tile<1, NV, kEnd>(band, &a, &out, 0);
    }
    if (--left <= 0) return;
    band.panel += panels.step * panels.bytes;
    out += g.dequantize ? 4 * step : step;
    band.start += step;
    band.multiplier += step;
    if (band.bias != nullptr) band.bias += step;
    for (int i = 0; i < g.term_count; ++i) terms[i].column += step;
  }
}

void octet_gemm_u8s8s32_1x64__avx512vnni(const GemmBand& g, const GemmPanels& panels) {
  switch (end_of(g)) {
    case End::kPlain:
      return row<End::kPlain>(g, panels);
    case End::kCodes:
      return row<End::kCodes>(g, panels);
    case End::kFloats:
      return row<End::kFloats>(g, panels);
    case End::kGeneral:
      return row<End::kGeneral>(g, panels);
  }
}

void octet_gemm_u8s8s32_6x64__avx512vnni(const GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run<4>(g);
    case 3:
      return run<3>(g);
    case 2:
      return run<2>(g);
    default:
      return run<1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_q8__avx512vnni = {octet_gemm_u8s8s32_6x64__avx512vnni,
                                                                /*lanes=*/16,
                                                                /*max_vectors=*/4,
                                                                /*k_group=*/4,
                                                                /*element=*/1,
                                                                /*widen=*/nullptr,
                                                                /*signed_a=*/0,
                                                                octet_gemm_u8s8s32_1x64__avx512vnni};
