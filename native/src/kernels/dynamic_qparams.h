// Choosing qparams from a minimum and a maximum ("kernel rule" of the numeric contract).
#ifndef OCTET_KERNELS_DYNAMIC_QPARAMS_H_
#define OCTET_KERNELS_DYNAMIC_QPARAMS_H_

#include <stdint.h>

#include "kernels/elementwise.h"

namespace {

struct DynamicQParams {
  float scale;
  int32_t zero_point;
};

inline double magnitude(double x) { return x < 0 ? -x : x; }

// min > max means that there was nothing but NaN. A range that is not finite gives an infinite scale. With
// `preserve_sparsity`, symmetric around zero where min < 0 < max.
[[maybe_unused]] inline DynamicQParams choose_qparams(float min, float max, int32_t qmin, int32_t qmax,
                                                      bool preserve_sparsity) {
  if (!(min <= max)) min = max = 0;
  const bool symmetric = preserve_sparsity && min < 0 && max > 0;
  if (symmetric) {
    const float least = static_cast<float>(-((qmax - qmin) / 2 + 1)), most = static_cast<float>((qmax - qmin) / 2);
    const float from_min = min / least, from_max = max / most;
    const float unit = from_min > from_max ? from_min : from_max;
    min = unit * least;
    max = unit * most;
  }
  min = min > 0 ? 0 : min;
  max = max < 0 ? 0 : max;
  double s = (static_cast<double>(max) - min) / (qmax - qmin);
  const float single = static_cast<float>(s);
  if (single == 0 || 1.0f / single > 3.402823466e38f) s = 0.1;
  const float small = 6.1e-5f;
  if (s < small) {
    const float original = static_cast<float>(s);
    s = small;
    if (min == 0) {
      max = small * static_cast<float>(qmax - qmin);
    } else if (max == 0) {
      min = -small * static_cast<float>(qmax - qmin);
    } else {
      const float amplifier = small / original;
      min *= amplifier;
      max *= amplifier;
    }
  }
  const double zero_from_min = qmin - min / s, zero_from_max = qmax - max / s;
  const double error_min = magnitude(qmin) - magnitude(min / s), error_max = magnitude(qmax) - magnitude(max / s);
  double z = error_min < error_max ? zero_from_min : zero_from_max;
  if (symmetric) z = (qmin + qmax) / 2.0;
  int32_t zero_point = qmin;
  if (z > qmax) {
    zero_point = qmax;
  } else if (z >= qmin) {
    const double magic = 6755399441055744.0;  // its unit in the last place is 1: rounds half to even
    zero_point = static_cast<int32_t>((z + magic) - magic);
  }
  return {static_cast<float>(s), zero_point};
}

// For u8 codes.
[[maybe_unused]] inline DynamicQParams dynamic_qparams(float min, float max, bool reduce_range) {
  return choose_qparams(min, max, 0, reduce_range ? 127 : 255, false);
}

// The quantizer that goes with it.
[[maybe_unused]] inline OctetQuantizeParams dynamic_quantizer(const DynamicQParams& q, bool reduce_range) {
  OctetQuantizeParams p;
  p.factor = 1.0f / q.scale;
  p.divide = 0;
  p.lo = static_cast<float>(-q.zero_point);
  p.hi = static_cast<float>((reduce_range ? 127 : 255) - q.zero_point);
  p.zero_point = q.zero_point;
  return p;
}

}  // namespace

#endif  // OCTET_KERNELS_DYNAMIC_QPARAMS_H_
