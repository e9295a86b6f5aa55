#include "kernels/neon/vector.h"

#include "kernels/simd/weight_grad.inl.h"

extern "C" const WeightGradKernel octet_weight_grad__neon = {OCTET_SYMBOL(weight_grad_dense_f32),
                                                             OCTET_SYMBOL(weight_grad_depthwise_f32)};
