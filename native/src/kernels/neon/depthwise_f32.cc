#include "kernels/neon/floats.h"
#include "kernels/simd/depthwise_f32.inl.h"

namespace {

void octet_depthwise_f32_4x16__neon(const octet::DepthwiseF32Band& g) { depthwise_f32<Quad, 4>(g); }

}  // namespace

extern "C" const octet::DepthwiseF32Kernel octet_depthwise_f32__neon = {octet_depthwise_f32_4x16__neon};
