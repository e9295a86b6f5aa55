// f32 product on 128-bit registers, tiles of 6 rows by 16 columns.
#include "kernels/neon/floats.h"
#include "kernels/simd/gemm_f32.inl.h"

namespace {

void octet_gemm_f32_6x16__neon(const octet::GemmBand& g) {
  switch (g.vectors) {
    case 4:
      return run_f32<Quad, 4>(g);
    case 3:
      return run_f32<Quad, 3>(g);
    case 2:
      return run_f32<Quad, 2>(g);
    default:
      return run_f32<Quad, 1>(g);
  }
}

}  // namespace

extern "C" const octet::GemmKernel octet_gemm_f32__neon = {
    octet_gemm_f32_6x16__neon, /*lanes=*/4, /*max_vectors=*/4, /*k_group=*/1, /*element=*/4, nullptr};
