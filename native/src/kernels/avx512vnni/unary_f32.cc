#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const UnaryF32Kernel octet_unary_f32__avx512vnni = {OCTET_SYMBOL(unary_f32)};
