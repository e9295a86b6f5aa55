#include "kernels/neon/vector.h"

#include "kernels/simd/minmax.inl.h"

extern "C" const MinMaxKernel octet_minmax_f32__neon = {OCTET_SYMBOL(minmax_f32), OCTET_SYMBOL(minmax_columns_f32)};
