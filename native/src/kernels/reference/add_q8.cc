#include "kernels/elementwise.h"
#include "kernels/scalar.h"

namespace {

template <typename T>
void add(const uint8_t* a, const uint8_t* b, int64_t n, const OctetAddParams* p, uint8_t* out) {
  for (int64_t i = 0; i < n; i++) {
    const float left = static_cast<float>(static_cast<T>(a[i]) - p->zero_point_a) * p->scale_a;
    const float right = static_cast<float>(static_cast<T>(b[i]) - p->zero_point_b) * p->scale_b;
    out[i] = scalar::to_code((left + right) * p->inv_out_scale, p->lo, p->hi, p->zero_point);
  }
}

}  // namespace

extern "C" const AddQ8Kernel octet_add_q8__reference = {add<uint8_t>, add<int8_t>};
