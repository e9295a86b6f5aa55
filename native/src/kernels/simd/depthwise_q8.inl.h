// 8-bit depthwise convolution. A column of the window is interleaved once, row by row, into groups that one multiply-add
// instruction sums (quads for vpdpbusd, pairs for vpmaddwd), and serves every output whose window it is in: the
// accumulators of the outputs that are begun but not finished roll along.
//
// V: {I, Row, kAcc registers of sums, kRows in a group, kPair output rows at once, kHoldWeights, set_bytes, set_pad,
//     load_row, zero_row, interleave, load_start, load_weights, add_products, Store}.
#include "kernels/depthwise.h"
#include "kernels/gemm_tiles.h"

namespace {

template <typename V, int KH>
inline void column_groups(const octet::DepthwiseQ8Band& g, const uint8_t* const* rows, int x, int q, typename V::I flip,
                          typename V::I pad, typename V::I* groups) {
  if (static_cast<uint32_t>(x) >= static_cast<uint32_t>(g.in_width)) {
#pragma GCC unroll 4
    for (int v = 0; v < V::kAcc; ++v) groups[v] = pad;
    return;
  }
  const int64_t at = x * g.pixel;
  constexpr int kFull = V::kRows;
  typename V::Row r[kFull];
#pragma GCC unroll 4
  for (int i = 0; i < kFull; ++i) {
    r[i] = q * kFull + i < KH ? V::load_row(rows + (q * kFull + i) * V::kPair, at, flip) : V::zero_row();
  }
  V::interleave(r, groups);
}

template <int N>
struct Turn {
  static constexpr int value = N;
};

// Windows of KH x KW, no dilation.
template <typename V, int KH, int KW, int S>
__attribute__((noinline)) void depthwise_row(const octet::DepthwiseQ8Band& g) {
  using I = typename V::I;
  constexpr int kGroups = (KH + V::kRows - 1) / V::kRows;
  constexpr int kRolling = (KW - 1) / S;  // outputs begun and not finished between two steps
  constexpr int kOpen = kRolling + 1;
  constexpr bool kHold = V::kHoldWeights && KW * kGroups * V::kAcc <= 12;
  I acc[kOpen][V::kAcc];  // the oldest open output's sums are acc[turn]: unrolled, no register is moved
  I held[kHold ? KW * kGroups * V::kAcc : 1];
  if (kHold) {
#pragma GCC unroll 16
    for (int i = 0; i < KW * kGroups * V::kAcc; ++i) held[i] = V::load_weights(g.weights, i);
  }
  const uint8_t* rows[KH * V::kPair];
#pragma GCC unroll 16
  for (int i = 0; i < KH * V::kPair; ++i) rows[i] = g.rows[i];
  const I flip = V::set_bytes(g.flip), pad = V::set_pad(g.pad_code ^ g.flip);
  const typename V::Store store(g);
  const octet::DepthwiseQ8Band band = g;  // a store of codes may alias the original
  uint8_t* out = g.out;
  int x = -g.pad_left;
  // Column j of the window of the oldest output is column j - s * S of the s-th after it.
  const auto step = [&](int j, int turn) __attribute__((always_inline)) {
#pragma GCC unroll 2
    for (int q = 0; q < kGroups; ++q) {
      I groups[V::kAcc];
      column_groups<V, KH>(band, rows, x, q, flip, pad, groups);
#pragma GCC unroll 8
      for (int s = 0; s <= kRolling; ++s) {
        const int kx = j - s * S;
        if (kx < 0 || kx >= KW) continue;
#pragma GCC unroll 4
        for (int v = 0; v < V::kAcc; ++v) {
          const int at = (kx * kGroups + q) * V::kAcc + v;
          I& sum = acc[(s + turn) % kOpen][v];
          const I before = kx == 0 && q == 0 ? V::load_start(band.start, v) : sum;
          sum = V::add_products(before, groups[v], kHold ? held[at] : V::load_weights(band.weights, at));
        }
      }
    }
    ++x;
  };
#pragma GCC unroll 8
  for (int j = 0; j < KW - S; ++j) step(j, 0);
  int left = band.out_width;
  if (left <= 0) return;
  // True after the last output of the row.
  const auto finish = [&](auto constant) __attribute__((always_inline)) {
    constexpr int turn = decltype(constant)::value;
#pragma GCC unroll 2
    for (int j = KW - S < 0 ? 0 : KW - S; j < KW; ++j) step(j, turn);
    store(acc[turn], out);
    out += band.out_pixel;
    return --left == 0;
  };
  static_assert(kOpen <= 5, "one line more for each");
  for (;;) {
    if (finish(Turn<0>())) return;
    if (kOpen > 1 && finish(Turn<1 % kOpen>())) return;
    if (kOpen > 2 && finish(Turn<2 % kOpen>())) return;
    if (kOpen > 3 && finish(Turn<3 % kOpen>())) return;
    if (kOpen > 4 && finish(Turn<4 % kOpen>())) return;
  }
}

// Any window: the columns are interleaved anew for every output.
template <typename V>
__attribute__((noinline)) void depthwise_row_any(const octet::DepthwiseQ8Band& g) {
  using I = typename V::I;
  const int groups_of_rows = (g.kh + V::kRows - 1) / V::kRows;
  const I flip = V::set_bytes(g.flip), pad = V::set_pad(g.pad_code ^ g.flip);
  const typename V::Store store(g);
  for (int o = 0; o < g.out_width; ++o) {
    I acc[V::kAcc];
#pragma GCC unroll 4
    for (int v = 0; v < V::kAcc; ++v) acc[v] = V::load_start(g.start, v);
    for (int kx = 0; kx < g.kw; ++kx) {
      const int64_t x = static_cast<int64_t>(o) * g.stride - g.pad_left + static_cast<int64_t>(kx) * g.dilation;
      const bool inside = x >= 0 && x < g.in_width;
      for (int q = 0; q < groups_of_rows; ++q) {
        I groups[V::kAcc];
        if (inside) {
          typename V::Row r[V::kRows];
#pragma GCC unroll 4
          for (int i = 0; i < V::kRows; ++i) {
            const int ky = q * V::kRows + i;
            r[i] = ky < g.kh ? V::load_row(g.rows + ky * V::kPair, x * g.pixel, flip) : V::zero_row();
          }
          V::interleave(r, groups);
        } else {
#pragma GCC unroll 4
          for (int v = 0; v < V::kAcc; ++v) groups[v] = pad;
        }
#pragma GCC unroll 4
        for (int v = 0; v < V::kAcc; ++v) {
          acc[v] =
              V::add_products(acc[v], groups[v], V::load_weights(g.weights, (kx * groups_of_rows + q) * V::kAcc + v));
        }
      }
    }
    store(acc, g.out + o * g.out_pixel);
  }
}

template <typename V>
inline void depthwise_q8(const octet::DepthwiseQ8Band& g) {
  if (g.dilation == 1 && g.kh == 3 && g.kw == 3 && g.stride == 1) return depthwise_row<V, 3, 3, 1>(g);
  if (g.dilation == 1 && g.kh == 3 && g.kw == 3 && g.stride == 2) return depthwise_row<V, 3, 3, 2>(g);
  if (g.dilation == 1 && g.kh == 5 && g.kw == 5 && g.stride == 1) return depthwise_row<V, 5, 5, 1>(g);
  if (g.dilation == 1 && g.kh == 5 && g.kw == 5 && g.stride == 2) return depthwise_row<V, 5, 5, 2>(g);
  depthwise_row_any<V>(g);
}

}  // namespace
