#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const MulQ8Kernel octet_mul_q8__neon = {mul_q8<uint8_t>, mul_q8<int8_t>};
