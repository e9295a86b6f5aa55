#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const AffineF32Kernel octet_affine_f32__neon = {OCTET_SYMBOL(affine_f32)};
