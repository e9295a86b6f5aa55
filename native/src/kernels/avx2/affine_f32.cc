#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const AffineF32Kernel octet_affine_f32__avx2 = {OCTET_SYMBOL(affine_f32)};
