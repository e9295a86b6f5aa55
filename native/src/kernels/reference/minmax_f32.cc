#include "kernels/statistics.h"

namespace {

void take(float x, OctetMinMax* s) {
  s->min = x < s->min ? x : s->min;
  s->max = x > s->max ? x : s->max;
  s->nan = x != x ? 1.0f : s->nan;
}

void octet_minmax_f32_1__reference(const float* x, int64_t n, OctetMinMax* state) {
  for (int64_t i = 0; i < n; i++) take(x[i], state);
}

void octet_minmax_columns_f32_1__reference(const float* x, int64_t rows, int64_t row_stride, int64_t columns,
                                           OctetMinMax* state) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t c = 0; c < columns; c++) take(x[r * row_stride + c], &state[c]);
  }
}

}  // namespace

extern "C" const MinMaxKernel octet_minmax_f32__reference = {octet_minmax_f32_1__reference,
                                                             octet_minmax_columns_f32_1__reference};
