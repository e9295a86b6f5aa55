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

// output(place in x, place in out) for all channels of all pixels.
template <typename Output>
void for_outputs(const OctetWindow& w, const Output& output) {
  for (int64_t l = 0; l < w.lines; l++) {
    for (int64_t i = 0; i < w.pixels; i++) {
      for (int64_t c = 0; c < w.channels; c++) {
        output(l * w.line_stride + i * w.pixel_stride + c, l * w.out_stride + i * w.channels + c);
      }
    }
  }
}

template <typename T>
void pool(const uint8_t* x, const OctetWindow* w, const OctetAveragePoolParams* p, uint8_t* out) {
  const int32_t offset = static_cast<int32_t>(w->ny * w->nx) * p->zero_point;
  for_outputs(*w, [&](int64_t from, int64_t to) {
    const int32_t acc = sum<T, int32_t>(reinterpret_cast<const T*>(x) + from, *w) - offset;
    out[to] = scalar::to_code(static_cast<float>(acc) * p->inv_count + p->shift, p->lo, p->hi, p->offset);
  });
}

void octet_avgpool_f32_1__reference(const float* x, const OctetWindow* w, float count, float* out) {
  for_outputs(*w, [&](int64_t from, int64_t to) { out[to] = sum<float, float>(x + from, *w) / count; });
}

}  // namespace

extern "C" const AveragePoolKernel octet_avgpool__reference = {pool<uint8_t>, pool<int8_t>,
                                                               octet_avgpool_f32_1__reference};
