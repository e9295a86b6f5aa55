#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const QuantizeKernel octet_quantize__avx2 = {OCTET_SYMBOL(quantize_f32)};
