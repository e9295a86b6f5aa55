// Minimum, maximum and "any NaN" over the traits V of the ISA that includes this. Minimum and maximum do not depend on
// the order, but for the sign of zero, which the caller removes.
#include "kernels/statistics.h"

namespace {

struct Lanes {
  V::F min, max, nan;

  void start(float lo, float hi, float seen) {
    min = V::set(lo);
    max = V::set(hi);
    nan = V::set(seen);
  }
  void take(V::F v) {
    min = V::min(v, min);  // the second operand stands when v is NaN
    max = V::max(v, max);
    nan = V::select_nan(v, V::set(1.0f), nan);
  }
};

inline void take_one(float x, OctetMinMax* s) {
  s->min = x < s->min ? x : s->min;
  s->max = x > s->max ? x : s->max;
  s->nan = x != x ? 1.0f : s->nan;
}

inline void OCTET_SYMBOL(minmax_f32)(const float* x, int64_t n, OctetMinMax* state) {
  constexpr int kChains = 4;  // enough to hide the latency of a maximum
  int64_t i = 0;
  if (n >= V::kLanes) {
    Lanes lanes[kChains];
#pragma GCC unroll 4
    for (Lanes& l : lanes) l.start(state->min, state->max, state->nan);
    for (; i + kChains * V::kLanes <= n; i += kChains * V::kLanes) {
#pragma GCC unroll 4
      for (int k = 0; k < kChains; k++) lanes[k].take(V::load(x + i + k * V::kLanes));
    }
    for (; i + V::kLanes <= n; i += V::kLanes) lanes[0].take(V::load(x + i));
    if (i < n) lanes[1].take(V::load(x + n - V::kLanes));  // some of them again
#pragma GCC unroll 4
    for (int k = 1; k < kChains; k++) {
      lanes[0].min = V::min(lanes[k].min, lanes[0].min);
      lanes[0].max = V::max(lanes[k].max, lanes[0].max);
      lanes[0].nan = V::max(lanes[k].nan, lanes[0].nan);
    }
    state->min = V::min_lane(lanes[0].min);
    state->max = V::max_lane(lanes[0].max);
    state->nan = V::max_lane(lanes[0].nan);
    return;
  }
  for (; i < n; i++) take_one(x[i], state);
}

inline void OCTET_SYMBOL(minmax_columns_f32)(const float* x, int64_t rows, int64_t row_stride, int64_t columns,
                                             OctetMinMax* state) {
  int64_t c = 0;
  for (; c + V::kLanes <= columns; c += V::kLanes) {
    Lanes lanes;
    float min[V::kLanes], max[V::kLanes], nan[V::kLanes];
    for (int k = 0; k < V::kLanes; k++) min[k] = state[c + k].min, max[k] = state[c + k].max, nan[k] = state[c + k].nan;
    lanes.min = V::load(min), lanes.max = V::load(max), lanes.nan = V::load(nan);
    for (int64_t r = 0; r < rows; r++) lanes.take(V::load(x + r * row_stride + c));
    V::store(min, lanes.min), V::store(max, lanes.max), V::store(nan, lanes.nan);
    for (int k = 0; k < V::kLanes; k++) state[c + k] = {min[k], max[k], nan[k]};
  }
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t k = c; k < columns; k++) take_one(x[r * row_stride + k], &state[k]);
  }
}

}  // namespace
