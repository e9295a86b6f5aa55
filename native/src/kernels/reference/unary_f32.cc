// The contract's own functions: no libm, whose results differ between systems.
#include "kernels/elementwise.h"
#include "kernels/scalar.h"
#include "octet/octet_kinds.h"

namespace {

float apply(int32_t function, float x) {
  switch (function) {
    case OCTET_HARDSWISH:
      return x * scalar::clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case OCTET_HARDSIGMOID:
      return scalar::clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case OCTET_SIGMOID:
      return scalar::sigmoid(x);
    case OCTET_TANH:
      return scalar::tanh(x);
    default:  // OCTET_CLAMP
      return x;
  }
}

void octet_unary_f32_1__reference(int32_t function, const float* x, int64_t n, float lo, float hi, float* out) {
  for (int64_t i = 0; i < n; i++) out[i] = scalar::clamp(apply(function, x[i]), lo, hi);
}

}  // namespace

extern "C" const UnaryF32Kernel octet_unary_f32__reference = {octet_unary_f32_1__reference};
