// f32 products with weights of 8 or 4 bits.
#include <immintrin.h>

#include "kernels/avx2/floats.h"
#include "kernels/simd/gemm_weight_only.inl.h"

namespace {

// Rows whose sums of a whole panel fit the registers.
constexpr int kRows = 2;

template <int kBits>
void octet_gemm_weight_only_f32__avx2(const octet::WeightOnlyBand& g) {
  switch (g.vectors) {
    case 4:
      return run_weight_only<Ymm, kBits, kRows, 4>(g);
    case 3:
      return run_weight_only<Ymm, kBits, kRows, 3>(g);
    case 2:
      return run_weight_only<Ymm, kBits, kRows, 2>(g);
    default:
      return run_weight_only<Ymm, kBits, kRows, 1>(g);
  }
}

}  // namespace

extern "C" const octet::WeightOnlyKernel octet_gemm_weight_only__avx2 = {
    octet_gemm_weight_only_f32__avx2<8>, octet_gemm_weight_only_f32__avx2<4>, /*lanes=*/8, /*max_vectors=*/4};
