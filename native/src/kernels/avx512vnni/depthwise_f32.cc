#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/floats.h"
#include "kernels/simd/depthwise_f32.inl.h"

namespace {

void octet_depthwise_f32_4x32__avx512vnni(const octet::DepthwiseF32Band& g) { depthwise_f32<Zmm, 2>(g); }

}  // namespace

extern "C" const octet::DepthwiseF32Kernel octet_depthwise_f32__avx512vnni = {octet_depthwise_f32_4x32__avx512vnni};
