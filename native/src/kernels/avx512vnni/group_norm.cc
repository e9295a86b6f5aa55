#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/rows.inl.h"

extern "C" const GroupNormKernel octet_group_norm__avx512vnni = {OCTET_SYMBOL(group_norm_f32), group_norm_q8<uint8_t>,
                                                                 group_norm_q8<int8_t>};
