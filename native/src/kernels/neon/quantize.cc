#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const QuantizeKernel octet_quantize__neon = {OCTET_SYMBOL(quantize_f32)};
