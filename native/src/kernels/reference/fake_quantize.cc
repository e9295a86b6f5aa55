#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

void octet_fake_quantize_f32_1__reference(const float* x, int64_t n, const OctetFakeQuantizeParams* p, float* y) {
  for (int64_t i = 0; i < n; i++) {
    float t = x[i] * p->inverse;
    t = t > p->lo ? t : p->lo;
    t = t < p->hi ? t : p->hi;
    y[i] = static_cast<float>(scalar::rint(t)) * p->scale;
  }
}

void octet_fake_quantize_grad_f32_1__reference(const float* x, const float* gradient, int64_t n,
                                               const OctetFakeQuantizeParams* p, float* dx) {
  const float below = p->lo - 1.0f, above = p->hi + 1.0f;
  for (int64_t i = 0; i < n; i++) {
    float t = x[i] * p->inverse;
    // What is clamped here lies outside afterwards too.
    t = t > below ? t : below;
    t = t < above ? t : above;
    const float code = static_cast<float>(scalar::rint(t));
    dx[i] = code >= p->lo && code <= p->hi ? gradient[i] : 0.0f;
  }
}

}  // namespace

extern "C" const FakeQuantizeKernel octet_fake_quantize__reference = {octet_fake_quantize_f32_1__reference,
                                                                      octet_fake_quantize_grad_f32_1__reference};
