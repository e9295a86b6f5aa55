#include "kernels/movement.h"

namespace {

template <typename T>
void transpose(const T* x, int64_t x_stride, int64_t rows, int64_t columns, T* out, int64_t out_stride) {
  for (int64_t c = 0; c < columns; c++) {
    for (int64_t r = 0; r < rows; r++) out[c * out_stride + r] = x[r * x_stride + c];
  }
}

}  // namespace

extern "C" const TransposeKernel octet_transpose__reference = {transpose<uint8_t>, transpose<uint32_t>};
