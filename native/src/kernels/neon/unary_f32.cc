#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const UnaryF32Kernel octet_unary_f32__neon = {OCTET_SYMBOL(unary_f32)};
