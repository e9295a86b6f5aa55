#include "kernels/elementwise.h"

namespace {

void octet_lut_q8_1__reference(const uint8_t* x, int64_t n, const uint8_t* table, uint8_t* out) {
  for (int64_t i = 0; i < n; i++) out[i] = table[x[i]];
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__reference = {octet_lut_q8_1__reference};
