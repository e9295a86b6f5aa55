#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const AffineQ8Kernel octet_affine_q8__avx2 = {affine_q8<uint8_t>, affine_q8<int8_t>};
