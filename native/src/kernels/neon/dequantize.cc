#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const DequantizeKernel octet_dequantize__neon = {dequantize<uint8_t>, dequantize<int8_t>};
