// f32 product on 512-bit registers, tiles of 6 rows by 64 columns.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/gemm_f32.inl.h"

namespace {

struct Zmm {
  using F = __m512;
  static constexpr int kLanes = 16;
  static F zero() { return _mm512_setzero_ps(); }
  static F set1(float x) { return _mm512_set1_ps(x); }
  static F broadcast(const uint8_t* p) { return _mm512_castsi512_ps(_mm512_set1_epi32(load32(p))); }
  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F x) { _mm512_storeu_ps(p, x); }
  static void store_first(float* p, F x, int n) { _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F max(F a, F b) { return _mm512_max_ps(a, b); }
  static F min(F a, F b) { return _mm512_min_ps(a, b); }
};

void octet_gemm_f32_6x64__avx512vnni(const octet::GemmBand& g) {
  switch (g.vectors) {
    case 4: return run_f32<Zmm, 4>(g);
    case 3: return run_f32<Zmm, 3>(g);
    case 2: return run_f32<Zmm, 2>(g);
    default: return run_f32<Zmm, 1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_f32__avx512vnni = {
    octet_gemm_f32_6x64__avx512vnni, /*lanes=*/16, /*max_vectors=*/4, /*k_group=*/1, /*element=*/4, nullptr};
