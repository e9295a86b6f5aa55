#include "kernels/elementwise.h"

namespace {

void octet_lut_q8_1__reference(const uint8_t* x, int64_t rows, int64_t n, const uint8_t* table, uint8_t* out,
                               int64_t out_stride) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t i = 0; i < n; i++) out[r * out_stride + i] = table[x[r * n + i]];
  }
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__reference = {octet_lut_q8_1__reference};
