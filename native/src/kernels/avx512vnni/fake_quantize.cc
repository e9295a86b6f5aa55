#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const FakeQuantizeKernel octet_fake_quantize__avx512vnni = {OCTET_SYMBOL(fake_quantize_f32),
                                                                       OCTET_SYMBOL(fake_quantize_grad_f32)};
