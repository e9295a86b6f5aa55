// f32 product on 512-bit registers, tiles of 6 rows by 64 columns.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/floats.h"
#include "kernels/simd/gemm_f32.inl.h"

namespace {

void octet_gemm_f32_6x64__avx512vnni(const octet::GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run_f32<Zmm, 4>(g);
    case 3:
      return run_f32<Zmm, 3>(g);
    case 2:
      return run_f32<Zmm, 2>(g);
    default:
      return run_f32<Zmm, 1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_f32__avx512vnni = {
    octet_gemm_f32_6x64__avx512vnni, /*lanes=*/16, /*max_vectors=*/4, /*k_group=*/1, /*element=*/4, nullptr};
