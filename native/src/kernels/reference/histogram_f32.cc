#include "kernels/statistics.h"

namespace {

void octet_histogram_f32_1__reference(const float* x, int64_t n, float lo, float hi, int32_t bins, int32_t* counts) {
  for (int64_t i = 0; i < n; i++) {
    if (!(lo <= x[i] && x[i] <= hi)) continue;
    const float position = (x[i] - lo) / (hi - lo) * static_cast<float>(bins);
    // NaN, where the range is empty or its width overflows, belongs to no bin.
    if (!(position >= 0 && position <= static_cast<float>(bins))) continue;
    const int32_t bin = static_cast<int32_t>(position);
    counts[bin < bins ? bin : bins - 1]++;
  }
}

}  // namespace

extern "C" const HistogramKernel octet_histogram_f32__reference = {octet_histogram_f32_1__reference};
