#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const DequantizeKernel octet_dequantize__avx512vnni = {dequantize<uint8_t>, dequantize<int8_t>};
