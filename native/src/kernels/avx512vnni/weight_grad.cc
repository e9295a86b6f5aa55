#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/weight_grad.inl.h"

extern "C" const WeightGradKernel octet_weight_grad__avx512vnni = {OCTET_SYMBOL(weight_grad_dense_f32),
                                                                   OCTET_SYMBOL(weight_grad_depthwise_f32)};
