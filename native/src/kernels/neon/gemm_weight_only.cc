// f32 products with weights of 8 or 4 bits, panels of 16 columns.
#include "kernels/neon/floats.h"
#include "kernels/simd/gemm_weight_only.inl.h"

namespace {

// Rows whose sums of a whole panel, of the matrix and of a group, fit the 32 registers beside the weights of two steps.
constexpr int kRows = 2;

template <int kBits>
void octet_gemm_weight_only_f32__neon(const octet::WeightOnlyBand& g) {
  switch (g.vectors) {
    case 4:
      return run_weight_only<Quad, kBits, kRows, 4>(g);
    case 3:
      return run_weight_only<Quad, kBits, kRows, 3>(g);
    case 2:
      return run_weight_only<Quad, kBits, kRows, 2>(g);
    default:
      return run_weight_only<Quad, kBits, kRows, 1>(g);
  }
}

}  // namespace

extern "C" const octet::WeightOnlyKernel octet_gemm_weight_only__neon = {
    octet_gemm_weight_only_f32__neon<8>, octet_gemm_weight_only_f32__neon<4>, /*lanes=*/4, /*max_vectors=*/4};
