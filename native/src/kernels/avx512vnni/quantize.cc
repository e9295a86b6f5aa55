#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const QuantizeKernel octet_quantize__avx512vnni = {OCTET_SYMBOL(quantize_f32)};
