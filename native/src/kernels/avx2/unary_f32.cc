#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const UnaryF32Kernel octet_unary_f32__avx2 = {OCTET_SYMBOL(unary_f32)};
