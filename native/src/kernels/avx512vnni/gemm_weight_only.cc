// f32 products with weights of 8 or 4 bits.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/floats.h"
#include "kernels/simd/gemm_weight_only.inl.h"

namespace {

// Rows whose sums of a whole panel fit the registers.
constexpr int kRows = 2;

template <int kBits>
void octet_gemm_weight_only_f32__avx512vnni(const octet::WeightOnlyBand& g) {
  switch (g.vectors) {
    case 4:
      return run_weight_only<Zmm, kBits, kRows, 4>(g);
    case 3:
      return run_weight_only<Zmm, kBits, kRows, 3>(g);
    case 2:
      return run_weight_only<Zmm, kBits, kRows, 2>(g);
    default:
      return run_weight_only<Zmm, kBits, kRows, 1>(g);
  }
}

}  // namespace

extern "C" const octet::WeightOnlyKernel octet_gemm_weight_only__avx512vnni = {
    octet_gemm_weight_only_f32__avx512vnni<8>, octet_gemm_weight_only_f32__avx512vnni<4>, /*lanes=*/16,
    /*max_vectors=*/4};
