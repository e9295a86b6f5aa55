#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

void octet_affine_f32_1__reference(const float* x, int64_t rows, int64_t channels, const float* alpha,
                                   const float* beta, float lo, float hi, float* out) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const float product = x[r * channels + c] * alpha[c];
      out[r * channels + c] = scalar::clamp(product + beta[c], lo, hi);
    }
  }
}

}  // namespace

extern "C" const AffineF32Kernel octet_affine_f32__reference = {octet_affine_f32_1__reference};
