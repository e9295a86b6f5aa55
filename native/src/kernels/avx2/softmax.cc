#include "kernels/avx2/vector.h"

#include "kernels/simd/rows.inl.h"

extern "C" const SoftmaxKernel octet_softmax__avx2 = {OCTET_SYMBOL(softmax_f32), softmax_q8<uint8_t>,
                                                      softmax_q8<int8_t>};
