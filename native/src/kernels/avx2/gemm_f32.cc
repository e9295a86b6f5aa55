// f32 product on 256-bit registers, tiles of 6 rows by 16 columns.
#include <immintrin.h>

#include "kernels/avx2/floats.h"
#include "kernels/simd/gemm_f32.inl.h"

namespace {

void octet_gemm_f32_6x16__avx2(const octet::GemmBand& g) {
  if (g.vectors == 2) {
    run_f32<Ymm, 2>(g);
  } else {
    run_f32<Ymm, 1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_f32__avx2 = {
    octet_gemm_f32_6x16__avx2, /*lanes=*/8, /*max_vectors=*/2, /*k_group=*/1, /*element=*/4, nullptr};
