#include "kernels/neon/vector.h"

#include "kernels/simd/pooling.inl.h"

extern "C" const MaxPoolKernel octet_maxpool__neon = {maxpool_q8<false>, maxpool_q8<true>, OCTET_SYMBOL(maxpool_f32)};
