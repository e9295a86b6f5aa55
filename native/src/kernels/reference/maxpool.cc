#include "kernels/pooling.h"

namespace {

template <typename T>
bool wins(T x, T acc) {
  return x > acc || x != x;  // NaN stays once seen
}

template <typename T>
void pool_line(const T* x, const OctetWindow& w, T lowest, T* out) {
  for (int64_t p = 0; p < w.pixels; p++) {
    for (int64_t c = 0; c < w.channels; c++) {
      const T* from = x + p * w.pixel_stride + c;
      T acc = lowest;
      for (int64_t y = 0; y < w.ny; y++) {
        for (int64_t k = 0; k < w.nx; k++) {
          const T value = from[y * w.row_stride + k * w.column_stride];
          acc = wins(value, acc) ? value : acc;
        }
      }
      out[p * w.channels + c] = acc;
    }
  }
}

template <typename T>
void pool(const T* x, const OctetWindow& w, T lowest, T* out) {
  for (int64_t l = 0; l < w.lines; l++) pool_line(x + l * w.line_stride, w, lowest, out + l * w.out_stride);
}

void octet_maxpool_u8_1__reference(const uint8_t* x, const OctetWindow* w, uint8_t* out) {
  pool<uint8_t>(x, *w, 0, out);
}

void octet_maxpool_s8_1__reference(const uint8_t* x, const OctetWindow* w, uint8_t* out) {
  pool<int8_t>(reinterpret_cast<const int8_t*>(x), *w, -128, reinterpret_cast<int8_t*>(out));
}

void octet_maxpool_f32_1__reference(const float* x, const OctetWindow* w, float* out) {
  pool<float>(x, *w, -__builtin_inff(), out);
}

}  // namespace

extern "C" const MaxPoolKernel octet_maxpool__reference = {octet_maxpool_u8_1__reference, octet_maxpool_s8_1__reference,
                                                           octet_maxpool_f32_1__reference};
