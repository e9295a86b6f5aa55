#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

void octet_quantize_f32_1__reference(const float* x, int64_t n, const OctetQuantizeParams* params, uint8_t* out) {
  for (int64_t i = 0; i < n; i++) out[i] = scalar::quantize(x[i], *params);
}

}  // namespace

extern "C" const QuantizeKernel octet_quantize__reference = {octet_quantize_f32_1__reference};
