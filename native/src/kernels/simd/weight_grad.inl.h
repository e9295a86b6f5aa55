// Sums of products over pixels, over the traits V of the ISA that includes this. Lanes are channels, so that each sum
// keeps its order. Neither tensor is packed: both have their channels side by side at every pixel.
#include "kernels/weight_grad.h"

namespace {

constexpr int kBroadcasts = V::kLanes == 8 ? 6 : 8;  // with two vectors beside them, as many sums as registers hold

// One of the tensors, element by element, times the other in vectors.
struct Sides {
  const float *one, *many;
  int64_t rows, columns;
  int64_t one_row, one_column, many_row, many_column;
};

// acc[i][k] += one[i] * many[k] over all pixels.
template <int kOnes, int kVectors>
inline void multiply(const Sides& s, V::F (&acc)[kOnes][kVectors]) {
  for (int64_t r = 0; r < s.rows; r++) {
    const float *one = s.one + r * s.one_row, *many = s.many + r * s.many_row;
    for (int64_t c = 0; c < s.columns; c++, one += s.one_column, many += s.many_column) {
      V::F v[kVectors];
#pragma GCC unroll 8
      for (int k = 0; k < kVectors; k++) v[k] = V::load(many + k * V::kLanes);
#pragma GCC unroll 8
      for (int i = 0; i < kOnes; i++) {
        const V::F b = V::set(one[i]);
#pragma GCC unroll 8
        for (int k = 0; k < kVectors; k++) acc[i][k] = V::fma(b, v[k], acc[i][k]);
      }
    }
  }
}

// Where the sum of element `one` and lane `many` stands.
struct Sums {
  float* at;
  int64_t one_stride, many_stride;
};

// The first `skip` lanes of the vectors belong to a neighbour, whose sums they do not touch.
template <int kOnes, int kVectors>
inline void tile(const Sides& s, const Sums& sums, int skip) {
  V::F acc[kOnes][kVectors];
  float lanes[kVectors * V::kLanes];
  const bool direct = sums.many_stride == 1 && skip == 0;
#pragma GCC unroll 8
  for (int i = 0; i < kOnes; i++) {
    float* const at = sums.at + i * sums.one_stride;
    if (!direct) {
      for (int l = 0; l < kVectors * V::kLanes; l++) lanes[l] = l < skip ? 0.0f : at[l * sums.many_stride];
    }
#pragma GCC unroll 8
    for (int k = 0; k < kVectors; k++) acc[i][k] = V::load((direct ? at : lanes) + k * V::kLanes);
  }
  multiply<kOnes, kVectors>(s, acc);
#pragma GCC unroll 8
  for (int i = 0; i < kOnes; i++) {
    float* const at = sums.at + i * sums.one_stride;
#pragma GCC unroll 8
    for (int k = 0; k < kVectors; k++) V::store((direct ? at : lanes) + k * V::kLanes, acc[i][k]);
    if (!direct) {
      for (int l = skip; l < kVectors * V::kLanes; l++) at[l * sums.many_stride] = lanes[l];
    }
  }
}

template <int kVectors>
inline void ones(Sides s, Sums sums, int64_t count, int skip) {
  for (; count >= kBroadcasts; count -= kBroadcasts) {
    tile<kBroadcasts, kVectors>(s, sums, skip);
    s.one += kBroadcasts;
    sums.at += kBroadcasts * sums.one_stride;
  }
  for (; count >= 2; count -= 2) {
    tile<2, kVectors>(s, sums, skip);
    s.one += 2;
    sums.at += 2 * sums.one_stride;
  }
  if (count == 1) tile<1, kVectors>(s, sums, skip);
}

// many >= V::kLanes.
inline void vectors(Sides s, Sums sums, int64_t one, int64_t many) {
  int64_t k = 0;
  const auto at = [&](int64_t lane) {
    Sides moved = s;
    moved.many += lane;
    return moved;
  };
  const auto to = [&](int64_t lane) {
    return Sums{sums.at + lane * sums.many_stride, sums.one_stride, sums.many_stride};
  };
  for (; k + 2 * V::kLanes <= many; k += 2 * V::kLanes) ones<2>(at(k), to(k), one, 0);
  for (; k + V::kLanes <= many; k += V::kLanes) ones<1>(at(k), to(k), one, 0);
  if (k < many) ones<1>(at(many - V::kLanes), to(many - V::kLanes), one, static_cast<int>(V::kLanes - (many - k)));
}

inline void OCTET_SYMBOL(weight_grad_dense_f32)(const OctetPixelArea* a, int64_t outputs, int64_t inputs, float* sum,
                                                int64_t stride) {
  if (inputs >= V::kLanes) {
    vectors({a->g, a->x, a->rows, a->columns, a->g_row, a->g_column, a->x_row, a->x_column}, {sum, stride, 1}, outputs,
            inputs);
  } else if (outputs >= V::kLanes) {
    vectors({a->x, a->g, a->rows, a->columns, a->x_row, a->x_column, a->g_row, a->g_column}, {sum, 1, stride}, inputs,
            outputs);
  } else {
    for (int64_t r = 0; r < a->rows; r++) {
      for (int64_t c = 0; c < a->columns; c++) {
        const float *g = a->g + r * a->g_row + c * a->g_column, *x = a->x + r * a->x_row + c * a->x_column;
        for (int64_t i = 0; i < outputs; i++) {
          for (int64_t j = 0; j < inputs; j++) sum[i * stride + j] = __builtin_fmaf(g[i], x[j], sum[i * stride + j]);
        }
      }
    }
  }
}

// kVectors vectors of channels at one place, their sums in `sum`.
template <int kVectors>
inline void channels_tile(const OctetPixelArea& a, int64_t j, float* sum) {
  V::F acc[kVectors];
#pragma GCC unroll 8
  for (int k = 0; k < kVectors; k++) acc[k] = V::load(sum + k * V::kLanes);
  for (int64_t r = 0; r < a.rows; r++) {
    const float *g = a.g + r * a.g_row + j, *x = a.x + r * a.x_row + j;
    for (int64_t c = 0; c < a.columns; c++, g += a.g_column, x += a.x_column) {
#pragma GCC unroll 8
      for (int k = 0; k < kVectors; k++) {
        acc[k] = V::fma(V::load(g + k * V::kLanes), V::load(x + k * V::kLanes), acc[k]);
      }
    }
  }
#pragma GCC unroll 8
  for (int k = 0; k < kVectors; k++) V::store(sum + k * V::kLanes, acc[k]);
}

inline void OCTET_SYMBOL(weight_grad_depthwise_f32)(const OctetPixelArea* a, int64_t channels, float* sum) {
  int64_t j = 0;
  for (; j + 4 * V::kLanes <= channels; j += 4 * V::kLanes) channels_tile<4>(*a, j, sum + j);
  for (; j + V::kLanes <= channels; j += V::kLanes) channels_tile<1>(*a, j, sum + j);
  for (; j < channels; j++) {
    float acc = sum[j];
    for (int64_t r = 0; r < a->rows; r++) {
      const float *g = a->g + r * a->g_row + j, *x = a->x + r * a->x_row + j;
      for (int64_t c = 0; c < a->columns; c++) acc = __builtin_fmaf(g[c * a->g_column], x[c * a->x_column], acc);
    }
    sum[j] = acc;
  }
}

}  // namespace
