#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

void octet_add_f32_1__reference(const float* a, const float* b, int64_t n, float lo, float hi, float* out) {
  for (int64_t i = 0; i < n; i++) out[i] = scalar::clamp(a[i] + b[i], lo, hi);
}

void octet_mul_f32_1__reference(const float* a, const float* b, int64_t n, float lo, float hi, float* out) {
  for (int64_t i = 0; i < n; i++) out[i] = scalar::clamp(a[i] * b[i], lo, hi);
}

}  // namespace

extern "C" const BinaryF32Kernel octet_binary_f32__reference = {octet_add_f32_1__reference, octet_mul_f32_1__reference};
