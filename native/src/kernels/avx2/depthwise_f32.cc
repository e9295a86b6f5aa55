#include <immintrin.h>

#include "kernels/avx2/floats.h"
#include "kernels/simd/depthwise_f32.inl.h"

namespace {

void octet_depthwise_f32_4x16__avx2(const octet::DepthwiseF32Band& g) { depthwise_f32<Ymm, 2>(g); }

}  // namespace

extern "C" const octet::DepthwiseF32Kernel octet_depthwise_f32__avx2 = {octet_depthwise_f32_4x16__avx2};
