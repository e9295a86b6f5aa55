#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

template <typename T>
void mul(const uint8_t* a, const uint8_t* b, int64_t n, const OctetMulParams* p, uint8_t* out) {
  for (int64_t i = 0; i < n; i++) {
    const int32_t product = (static_cast<T>(a[i]) - p->zero_point_a) * (static_cast<T>(b[i]) - p->zero_point_b);
    out[i] = scalar::to_code(static_cast<float>(product) * p->multiplier, p->lo, p->hi, p->zero_point);
  }
}

}  // namespace

extern "C" const MulQ8Kernel octet_mul_q8__reference = {mul<uint8_t>, mul<int8_t>};
