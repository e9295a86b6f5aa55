#include "kernels/pooling.h"
#include "kernels/scalar.h"

namespace {

// Sum += T over the window of one pixel and channel, row by row.
template <typename T, typename Sum>
Sum sum(const T* from, const OctetWindow& w) {
  Sum acc = 0;
  for (int64_t y = 0; y < w.ny; y++) {
    for (int64_t k = 0; k < w.nx; k++) acc += from[y * w.row_stride + k * w.column_stride];
  }
  return acc;
}

template <typename T>
void pool(const uint8_t* x, const OctetWindow* w, const OctetAveragePoolParams* p, uint8_t* out) {
  const int32_t offset = static_cast<int32_t>(w->ny * w->nx) * p->zero_point;
  for (int64_t i = 0; i < w->pixels; i++) {
    for (int64_t c = 0; c < w->channels; c++) {
      const int32_t acc = sum<T, int32_t>(reinterpret_cast<const T*>(x) + i * w->pixel_stride + c, *w) - offset;
      out[i * w->channels + c] =
          scalar::to_code(static_cast<float>(acc) * p->inv_count + p->shift, p->lo, p->hi, p->offset);
    }
  }
}

void octet_avgpool_f32_1__reference(const float* x, const OctetWindow* w, float count, float* out) {
  for (int64_t i = 0; i < w->pixels; i++) {
    for (int64_t c = 0; c < w->channels; c++) {
      out[i * w->channels + c] = sum<float, float>(x + i * w->pixel_stride + c, *w) / count;
    }
  }
}

}  // namespace

extern "C" const AveragePoolKernel octet_avgpool__reference = {pool<uint8_t>, pool<int8_t>,
                                                               octet_avgpool_f32_1__reference};
