#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const FakeQuantizeKernel octet_fake_quantize__avx2 = {OCTET_SYMBOL(fake_quantize_f32),
                                                                 OCTET_SYMBOL(fake_quantize_grad_f32)};
