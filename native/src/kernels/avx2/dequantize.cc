#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const DequantizeKernel octet_dequantize__avx2 = {dequantize<uint8_t>, dequantize<int8_t>};
