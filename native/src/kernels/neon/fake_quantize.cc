#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const FakeQuantizeKernel octet_fake_quantize__neon = {OCTET_SYMBOL(fake_quantize_f32),
                                                                 OCTET_SYMBOL(fake_quantize_grad_f32)};
