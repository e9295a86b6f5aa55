#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

template <typename T>
void octet_affine_q8_1__reference(const uint8_t* x, int64_t rows, int64_t channels, const OctetAffineQ8Params* p,
                                  uint8_t* out) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < channels; c++) {
      const int32_t code = static_cast<T>(x[r * channels + c]);
      const float product = static_cast<float>(code - p->zero_point_in) * p->alpha[c];
      out[r * channels + c] = scalar::to_code(product + p->beta[c], p->lo, p->hi, p->zero_point);
    }
  }
}

}  // namespace

extern "C" const AffineQ8Kernel octet_affine_q8__reference = {octet_affine_q8_1__reference<uint8_t>,
                                                              octet_affine_q8_1__reference<int8_t>};
