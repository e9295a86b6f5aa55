#include "kernels/avx2/vector.h"

#include "kernels/simd/rows.inl.h"

extern "C" const GroupNormKernel octet_group_norm__avx2 = {OCTET_SYMBOL(group_norm_f32), group_norm_q8<uint8_t>,
                                                           group_norm_q8<int8_t>};
