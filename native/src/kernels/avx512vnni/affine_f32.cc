#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const AffineF32Kernel octet_affine_f32__avx512vnni = {OCTET_SYMBOL(affine_f32)};
