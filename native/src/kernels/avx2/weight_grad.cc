#include "kernels/avx2/vector.h"

#include "kernels/simd/weight_grad.inl.h"

extern "C" const WeightGradKernel octet_weight_grad__avx2 = {OCTET_SYMBOL(weight_grad_dense_f32),
                                                             OCTET_SYMBOL(weight_grad_depthwise_f32)};
