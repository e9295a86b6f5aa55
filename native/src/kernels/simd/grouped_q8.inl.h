// 8-bit convolution in groups of few channels (kernels/grouped.h): tiles of neighbouring outputs share the weights' loads.
// A tile's first and last column may be padding; where more of its window leaves the input the columns are copied first.
//
// V: {I, kBytes of a register, kPixels of the largest tile, kMaxQuads, kByColumns (below), splat, load, store_bytes, flip,
//     load_start, load_weights, exchange (the lanes j and j ^ r), add_products, Store}.
#include "kernels/gemm_tiles.h"
#include "kernels/grouped.h"

namespace {

constexpr int kMaxRows = 7, kColumns = 3, kMaxStride = 2;  // of a window

// Tiles side by side.
struct GroupedTiles {
  const uint8_t* rows[kMaxRows];  // at the first column
  int64_t pixel;                  // bytes between columns
  uint8_t* out;
  int count;
  const uint8_t *left, *right;  // what stands for the first column of the first tile, the last of the last one; or 0
};

// One row of the window. With many registers all its weights of a form are held, and a column serves every output that sees
// it; `first` and `last` are the columns at the ends, the others lie at `a`.
template <typename V, int Q, int S, int P>
__attribute__((always_inline)) inline void add_row_by_columns(typename V::I (*acc)[4], const uint8_t* first,
                                                              const uint8_t* a, const uint8_t* last, int64_t pixel,
                                                              const typename V::I* flip, const uint8_t* w) {
  using I = typename V::I;
  constexpr int kLast = (P - 1) * S + kColumns - 1;
#pragma GCC unroll 8
  for (int r = 0; r < Q; ++r) {
    I weights[kColumns][4];
#pragma GCC unroll 4
    for (int kx = 0; kx < kColumns; ++kx) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        weights[kx][k] = V::load_weights(w, (kx * Q + r) * 4 + k);
        if (Q >= 4) OCTET_KEEP(weights[kx][k]);  // not as operands in memory, time after time
      }
    }
#pragma GCC unroll 16
    for (int c = 0; c <= kLast; ++c) {
      const uint8_t* const from = c == 0 ? first : c == kLast ? last : a + c * pixel;
      const I x = V::exchange(V::flip(V::load(from), flip), r);
#pragma GCC unroll 4
      for (int kx = 0; kx < kColumns; ++kx) {
        const int p = (c - kx) / S;
        if (c < kx || (c - kx) % S != 0 || p >= P) continue;
#pragma GCC unroll 4
        for (int k = 0; k < 4; ++k) acc[p][k] = V::add_products(acc[p][k], x, weights[kx][k]);
      }
    }
  }
}

// With few: one register of weights at a time, for the columns of all outputs.
template <typename V, int Q, int S, int P>
__attribute__((always_inline)) inline void add_row_by_taps(typename V::I (*acc)[4], const uint8_t* first,
                                                           const uint8_t* a, const uint8_t* last, int64_t pixel,
                                                           const typename V::I* flip, const uint8_t* w) {
  using I = typename V::I;
  constexpr int kLast = (P - 1) * S + kColumns - 1;
#pragma GCC unroll 4
  for (int kx = 0; kx < kColumns; ++kx) {
#pragma GCC unroll 8
    for (int r = 0; r < Q; ++r) {
      OCTET_OPAQUE(a);  // so that no column stays in a register for the next form
      OCTET_OPAQUE(first);
      OCTET_OPAQUE(last);
      OCTET_OPAQUE(flip);
      I x[P];
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) {
        const int c = p * S + kx;
        const uint8_t* const from = c == 0 ? first : c == kLast ? last : a + c * pixel;
        x[p] = V::exchange(V::flip(V::load(from), flip), r);
        OCTET_KEEP(x[p]);
      }
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        I weights = V::load_weights(w, (kx * Q + r) * 4 + k);
        OCTET_KEEP(weights);  // loaded once
#pragma GCC unroll 8
        for (int p = 0; p < P; ++p) acc[p][k] = V::add_products(acc[p][k], x[p], weights);
      }
    }
  }
}

// P outputs side by side in a tile, groups of Q quads, windows of 3 columns with a stride of S.
template <typename V, int Q, int S, int P>
__attribute__((noinline)) void grouped_tiles(const octet::GroupedQ8Band& g, const GroupedTiles& t,
                                             const typename V::Store& store) {
  using I = typename V::I;
  const I flip = V::splat(g.flip);
  const int64_t pixel = t.pixel;
  const uint8_t* const* const end = t.rows + g.kh;
  const int32_t* start = g.start;
  const uint8_t* const first_weights = g.weights;
  uint8_t* out = t.out;
  const int64_t out_pixel = g.out_pixel;
  const uint8_t* left = t.left;
  constexpr int kLast = (P - 1) * S + kColumns - 1;
  int64_t at = 0;
  for (int i = t.count; i > 0; --i) {
    const uint8_t* const right = i == 1 ? t.right : nullptr;
    OCTET_OPAQUE(start);
    I acc[P][4];
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const I value = V::load_start(start, k);
#pragma GCC unroll 8
      for (int p = 0; p < P; ++p) acc[p][k] = value;
    }
    const uint8_t* w = first_weights;
    for (const uint8_t* const* row = t.rows; row != end; ++row) {
      const uint8_t* const a = *row + at;
      const uint8_t* const first = left != nullptr ? left : a;
      const uint8_t* const last = right != nullptr ? right : a + kLast * pixel;
      if constexpr (V::kByColumns) {
        add_row_by_columns<V, Q, S, P>(acc, first, a, last, pixel, &flip, w);
      } else {
        add_row_by_taps<V, Q, S, P>(acc, first, a, last, pixel, &flip, w);
      }
      w += kColumns * Q * 4 * V::kBytes;
    }
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) OCTET_KEEP(acc[p][k]);
    }
#pragma GCC unroll 8
    for (int p = 0; p < P; ++p) {
      store(acc[p], out);
      out += out_pixel;
    }
    at += P * S * pixel;
    left = nullptr;
  }
}

// The columns of a tile at the border of the input.
template <typename V>
inline void copy_columns(const octet::GroupedQ8Band& g, const uint8_t* const* rows, int64_t first, int columns,
                         uint8_t* to) {
  const typename V::I pad = V::splat(g.pad_code);
  for (int ky = 0; ky < g.kh; ++ky) {
    for (int64_t x = first; x < first + columns; ++x, to += V::kBytes) {
      V::store_bytes(to, x >= 0 && x < g.in_width ? V::load(rows[ky] + x * g.pixel) : pad);
    }
  }
}

template <typename V, int Q, int S>
void grouped_rows(const octet::GroupedQ8Band& g) {
  using Tiles = void (*)(const octet::GroupedQ8Band&, const GroupedTiles&, const typename V::Store&);
  static const Tiles tiles[] = {grouped_tiles<V, Q, S, 1>, grouped_tiles<V, Q, S, 2>, grouped_tiles<V, Q, S, 3>,
                                grouped_tiles<V, Q, S, V::kPixels>};
  constexpr int kMost = V::kPixels;
  alignas(64) uint8_t copy[kMaxRows * ((kMost - 1) * S + kColumns) * V::kBytes];
  alignas(64) uint8_t padding[V::kBytes];
  V::store_bytes(padding, V::splat(g.pad_code));
  const typename V::Store store(g);
  const int count = (g.out_width + kMost - 1) / kMost;
  for (int row = 0; row < g.out_rows; ++row) {
    const uint8_t* rows[kMaxRows];
    for (int ky = 0; ky < g.kh; ++ky) rows[ky] = g.rows[row * g.kh + ky] + g.channel;
    GroupedTiles t;
    t.out = g.out + row * g.out_row;
    int64_t first = -g.pad_left;
    for (int i = 0; i < count; i += t.count) {  // of nearly equal width
      const int wider = g.out_width % count, outputs = g.out_width / count + (i < wider);
      const int columns = (outputs - 1) * S + kColumns;
      // Tiles alike that leave the input by one column at most.
      const int alike = (i < wider ? wider : count) - i;
      int64_t over = first + columns - g.in_width;
      t.count = first >= -1 && over <= 1 ? 1 : 0;
      while (t.count > 0 && t.count < alike && over + outputs * S <= 1) {
        ++t.count;
        over += outputs * S;
      }
      t.left = first < 0 ? padding : nullptr;
      t.right = over > 0 ? padding : nullptr;
      t.pixel = g.pixel;
      for (int ky = 0; ky < g.kh; ++ky) t.rows[ky] = rows[ky] + first * g.pixel;
      if (t.count == 0) {
        t.count = 1;
        t.left = t.right = nullptr;
        t.pixel = V::kBytes;
        copy_columns<V>(g, rows, first, columns, copy);
        for (int ky = 0; ky < g.kh; ++ky) t.rows[ky] = copy + ky * columns * V::kBytes;
      }
      tiles[outputs - 1](g, t, store);
      t.out += t.count * outputs * g.out_pixel;
      first += t.count * outputs * S;
    }
  }
}

template <typename V, int S>
inline void grouped_strided(const octet::GroupedQ8Band& g) {
  if (g.quads == 1) return grouped_rows<V, 1, S>(g);
  if (g.quads == 2) return grouped_rows<V, 2, S>(g);
  if (g.quads == 4) return grouped_rows<V, 4, S>(g);
  if constexpr (V::kMaxQuads > 4) grouped_rows<V, 8, S>(g);
}

template <typename V>
inline void grouped_q8(const octet::GroupedQ8Band& g) {
  g.stride == 1 ? grouped_strided<V, 1>(g) : grouped_strided<V, 2>(g);
}

}  // namespace
