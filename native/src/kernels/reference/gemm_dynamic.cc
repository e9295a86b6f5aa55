// min/max -> qparams -> codes -> exact product -> y = (float)acc * (x_scale * weight_scale[n]); + bias[n]; clamp.
#include "kernels/conv.h"
#include "kernels/dynamic_qparams.h"
#include "kernels/scalar.h"

namespace {

void range(const float* x, int64_t n, float* min, float* max) {
  float lo = __builtin_inff(), hi = -__builtin_inff();
  for (int64_t i = 0; i < n; i++) {
    lo = x[i] < lo ? x[i] : lo;
    hi = x[i] > hi ? x[i] : hi;
  }
  *min = lo;
  *max = hi;
}

void octet_gemm_dynamic_1__reference(const OctetLinearDynamic* p, const float* in, float* out, int64_t y0, int64_t y1) {
  float min = 0, max = 0;
  if (!p->per_row) range(in, p->m * p->k, &min, &max);
  for (int64_t row = y0; row < y1; row++) {
    const float* x = in + row * p->k;
    if (p->per_row) range(x, p->k, &min, &max);
    const DynamicQParams q = dynamic_qparams(min, max, p->reduce_range != 0);
    const OctetQuantizeParams quantizer = dynamic_quantizer(q, p->reduce_range != 0);
    for (int64_t o = 0; o < p->n; o++) {
      const int32_t weight_zero_point = p->weight_zero_point != nullptr ? p->weight_zero_point[o] : 0;
      uint32_t acc = 0;
      for (int64_t c = 0; c < p->k; c++) {
        const int32_t code = scalar::quantize(x[c], quantizer);
        acc += static_cast<uint32_t>(code - q.zero_point) *
               static_cast<uint32_t>(p->weight[o * p->k + c] - weight_zero_point);
      }
      float y = static_cast<float>(static_cast<int32_t>(acc)) * (q.scale * p->weight_scale[o]);
      if (p->bias != nullptr) y = y + p->bias[o];
      out[row * p->n + o] = scalar::clamp(y, p->lo, p->hi);
    }
  }
}

}  // namespace

extern "C" const LinearDynamicKernel octet_gemm_dynamic__reference = {octet_gemm_dynamic_1__reference};
