// The contract's own functions: no libm, whose results differ between systems.
#include "kernels/elementwise.h"
#include "kernels/scalar.h"
#include "octet/octet_kinds.h"

namespace {

float apply(const OctetUnaryParams& p, float x) {
  switch (p.function) {
    case OCTET_HARDSWISH:
      return x * scalar::clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case OCTET_HARDSIGMOID:
      return scalar::clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f;
    case OCTET_SIGMOID:
      return scalar::sigmoid(x);
    case OCTET_TANH:
      return scalar::tanh(x);
    case OCTET_GELU:
      return scalar::gelu(x);
    case OCTET_GELU_TANH:
      return scalar::gelu_tanh(x);
    case OCTET_ELU:
      return scalar::elu(x, p.alpha, p.beta);
    case OCTET_LEAKY_RELU:
      return x > 0 ? x : x * p.alpha;
    case OCTET_THRESHOLD:
      return x > p.alpha || x != x ? x : p.beta;
    default:  // OCTET_CLAMP
      return x;
  }
}

void octet_unary_f32_1__reference(const float* x, int64_t n, const OctetUnaryParams* p, float* out) {
  for (int64_t i = 0; i < n; i++) out[i] = scalar::clamp(apply(*p, x[i]), p->lo, p->hi);
}

}  // namespace

extern "C" const UnaryF32Kernel octet_unary_f32__reference = {octet_unary_f32_1__reference};
