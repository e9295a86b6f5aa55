// 8-bit depthwise convolution. A column of the window is interleaved once, row by row, into groups that one multiply-add
// instruction sums (quads for vpdpbusd, pairs for vpmaddwd), and serves every output whose window it is in: the
// accumulators of the outputs that are begun but not finished roll along.
//
// V: {I, Row, kAcc registers of sums, kRows in a group, kPair output rows at once, kHoldWeights, kOwn3x3 (has a kernel of its own for
//     that), set_bytes, set_pad,
//     load_row, fill_row (what stands in for rows beyond the window), interleave, load_start, load_weights, add_products, Store}.
#include "kernels/depthwise.h"
#include "kernels/gemm_tiles.h"

namespace {

template <typename V, int KH>
__attribute__((always_inline)) inline void column_groups(const octet::DepthwiseQ8Band& g, const uint8_t* const* rows,
                                                         int x, int q, typename V::I flip, typename V::I pad,
                                                         bool inside, typename V::I* groups) {
  if (!inside && static_cast<uint32_t>(x) >= static_cast<uint32_t>(g.in_width)) {
#pragma GCC unroll 4
    for (int v = 0; v < V::kAcc; ++v) groups[v] = pad;
    return;
  }
  const int64_t at = x * g.pixel;
  constexpr int kFull = V::kRows;
  typename V::Row r[kFull];
#pragma GCC unroll 4
  for (int i = 0; i < kFull; ++i) {
    r[i] = q * kFull + i < KH ? V::load_row(rows + q * kFull + i, KH, at, flip) : V::fill_row(r[i > 0 ? i - 1 : 0]);
  }
  V::interleave(r, groups);
}

template <int N>
struct Turn {
  static constexpr int value = N;
};

// Windows of KH x KW, no dilation: rows of outputs, kPair at once. The limits are what an x86 core takes in and what its
// vector pipes do a cycle, so a step has nothing but its work: no checks, except near the borders, and constants of the end
// that are operands in memory.
template <typename V, int KH, int KW, int S>
__attribute__((noinline)) void depthwise_rows(const octet::DepthwiseQ8Band& g) {
  using I = typename V::I;
  constexpr int kGroups = (KH + V::kRows - 1) / V::kRows;
  constexpr int kRolling = (KW - 1) / S;  // outputs begun and not finished between two steps
  constexpr int kOpen = kRolling + 1;
  constexpr bool kHold = V::kHoldWeights && KW * kGroups * V::kAcc <= 12;
  I held[kHold ? KW * kGroups * V::kAcc : 1];
  if (kHold) {
#pragma GCC unroll 16
    for (int i = 0; i < KW * kGroups * V::kAcc; ++i) held[i] = V::load_weights(g.weights, i);
  }
  const I flip = V::set_bytes(g.flip), pad = V::set_pad(g.pad_code ^ g.flip);
  const octet::DepthwiseQ8Band band = g;  // a store of codes may alias the original
  for (int row = 0; row < band.out_rows; row += V::kPair) {
    I acc[kOpen][V::kAcc];  // the oldest open output's sums are acc[turn]: unrolled, no register is moved
    const bool second = row + 1 < band.out_rows;
    const uint8_t* rows[KH * V::kPair];
#pragma GCC unroll 16
    for (int i = 0; i < KH * V::kPair; ++i) {
      // Without a second row the first again.
      rows[i] = band.rows[row * KH + (i < KH || second ? i : i - KH)] + band.channel;
    }
    const typename V::Store store(band, second);
    const int32_t* start = band.start;
    uint8_t* out = band.out + row * band.out_row;
    int x = -band.pad_left, left = band.out_width;
    // Column j of the window of the oldest output is column j - s * S of the s-th after it.
    const auto step = [&](int j, int turn, bool inside) __attribute__((always_inline)) {
#pragma GCC unroll 2
      for (int q = 0; q < kGroups; ++q) {
        I groups[V::kAcc];
        column_groups<V, KH>(band, rows, x, q, flip, pad, inside, groups);
#pragma GCC unroll 8
        for (int s = 0; s <= kRolling; ++s) {
          const int kx = j - s * S;
          if (kx < 0 || kx >= KW) continue;
#pragma GCC unroll 4
          for (int v = 0; v < V::kAcc; ++v) {
            const int at = (kx * kGroups + q) * V::kAcc + v;
            I& sum = acc[(s + turn) % kOpen][v];
            const I before = kx == 0 && q == 0 ? V::load_start(start, v) : sum;
            sum = V::add_products(before, groups[v], kHold ? held[at] : V::load_weights(band.weights, at));
          }
        }
      }
      ++x;
    };
#pragma GCC unroll 8
    for (int j = 0; j < KW - S; ++j) step(j, 0, false);
    const auto finish = [&](auto constant, bool inside) __attribute__((always_inline)) {
      constexpr int turn = decltype(constant)::value;
      OCTET_OPAQUE(start);
#pragma GCC unroll 2
      for (int j = KW - S < 0 ? 0 : KW - S; j < KW; ++j) step(j, turn, inside);
      store(acc[turn], out);
      out += band.out_pixel;
      return --left == 0;
    };
    static_assert(kOpen <= 5, "one line more for each");
    while (left > kOpen && x >= 0 && x + kOpen * S <= band.in_width) {
      finish(Turn<0>(), true);
      if (kOpen > 1) finish(Turn<1 % kOpen>(), true);
      if (kOpen > 2) finish(Turn<2 % kOpen>(), true);
      if (kOpen > 3) finish(Turn<3 % kOpen>(), true);
      if (kOpen > 4) finish(Turn<4 % kOpen>(), true);
    }
    while (left > 0) {
      if (finish(Turn<0>(), false)) break;
      if (kOpen > 1 && finish(Turn<1 % kOpen>(), false)) break;
      if (kOpen > 2 && finish(Turn<2 % kOpen>(), false)) break;
      if (kOpen > 3 && finish(Turn<3 % kOpen>(), false)) break;
      if (kOpen > 4 && finish(Turn<4 % kOpen>(), false)) break;
    }
  }
}

// Any window: the columns are interleaved anew for every output.
template <typename V>
__attribute__((noinline)) void depthwise_rows_any(const octet::DepthwiseQ8Band& g) {
  using I = typename V::I;
  const int groups_of_rows = (g.kh + V::kRows - 1) / V::kRows;
  const I flip = V::set_bytes(g.flip), pad = V::set_pad(g.pad_code ^ g.flip);
  for (int row = 0; row < g.out_rows; row += V::kPair) {
    const bool second = row + 1 < g.out_rows;
    const uint8_t* const* const rows = g.rows + row * g.kh;
    uint8_t* const out = g.out + row * g.out_row;
    const typename V::Store store(g, second);
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
              r[i] = i == 0 || ky < g.kh ? V::load_row(rows + ky, second ? g.kh : 0, g.channel + x * g.pixel, flip)
                                         : V::fill_row(r[i > 0 ? i - 1 : 0]);
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
      store(acc, out + o * g.out_pixel);
    }
  }
}

template <typename V>
inline void depthwise_q8(const octet::DepthwiseQ8Band& g) {
  if constexpr (!V::kOwn3x3) {
    if (g.dilation == 1 && g.kh == 3 && g.kw == 3 && g.stride == 1) return depthwise_rows<V, 3, 3, 1>(g);
    if (g.dilation == 1 && g.kh == 3 && g.kw == 3 && g.stride == 2) return depthwise_rows<V, 3, 3, 2>(g);
  }
  if (g.dilation == 1 && g.kh == 5 && g.kw == 5 && g.stride == 1) return depthwise_rows<V, 5, 5, 1>(g);
  if (g.dilation == 1 && g.kh == 5 && g.kw == 5 && g.stride == 2) return depthwise_rows<V, 5, 5, 2>(g);
  // One-dimensional ones: columns that the operator made rows.
  if (g.dilation == 1 && g.kh == 3 && g.kw == 1 && g.stride == 1) return depthwise_rows<V, 3, 1, 1>(g);
  if (g.dilation == 1 && g.kh == 5 && g.kw == 1 && g.stride == 1) return depthwise_rows<V, 5, 1, 1>(g);
  depthwise_rows_any<V>(g);
}

}  // namespace
