#include "kernels/neon/vector.h"

#include "kernels/simd/pooling.inl.h"

extern "C" const AveragePoolKernel octet_avgpool__neon = {avgpool_q8<uint8_t>, avgpool_q8<int8_t>,
                                                          OCTET_SYMBOL(avgpool_f32)};
