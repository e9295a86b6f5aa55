#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const BinaryF32Kernel octet_binary_f32__neon = {OCTET_SYMBOL(add_f32), OCTET_SYMBOL(mul_f32)};
