// The depthwise 3x3 window with vpdpbusd. With stride 1 a column of four rows is interleaved once into quads and serves two
// output rows: the first pass, with weights [w0 w1 w2 0], leaves its quads in a strip, the second reads them and has
// [0 w0 w1 w2]. What limits a pass are the vector pipes and the instructions taken in, so weights and sums stay in
// registers, and all else are operands in memory.
#ifndef OCTET_KERNELS_AVX512VNNI_DEPTHWISE_3X3_H_
#define OCTET_KERNELS_AVX512VNNI_DEPTHWISE_3X3_H_

#include <immintrin.h>

#include "kernels/depthwise.h"
#include "kernels/gemm_tiles.h"

namespace {

// How sums become codes. kUnsigned and kSigned: all codes, of a zero point in the middle of what a pack keeps.
enum class End { kUnsigned, kSigned, kAny };

constexpr int kStripColumns = 64, kStripGroups = 8;  // the strip stays in the first-level cache

struct Taps3x3 {
  __m512i weights[12];    // [kx][4]
  __m512i start_left[4];  // where the first column is padding: with its products
  __m512i right[4];       // products of padding that is the last column
};

struct Block3x3 {
  __m512i start[4];
  __m512 multiplier[4];
  __m512i zero_point, lo, hi, flip, in_flip;
  Taps3x3 upper, lower;
};

// P rows side by side in a register: 1 of 64 channels, 2 of 32 or 4 of 16. For two output rows, or one.
template <int P>
struct Group3x3 {
  const uint8_t* in[4][P];
  uint8_t* out[P];
};

// A part of the width of some groups.
template <int P>
struct Pass3x3 {
  const Block3x3* block;
  const Taps3x3* taps;
  const Group3x3<P>* groups;
  int count;
  uint8_t* strip;  // of at most outputs + 2 columns for each group
  __mmask64 mask;
  int64_t at, at_out;  // of the first column and of the first output in their rows
  int64_t pixel, out_pixel;
  int outputs;       // with all columns after the first
  bool left, right;  // the first output's first column is padding; one more output has padding as its last column
};

// Named, not an array: so they are registers from the start.
template <int P, typename T>
struct SideBySide {
  T p0, p1, p2, p3;
  explicit SideBySide(const T* p) : p0(p[0]), p1(p[P > 1 ? 1 : 0]), p2(p[P > 2 ? 2 : 0]), p3(p[P > 2 ? 3 : 0]) {}
};

__attribute__((always_inline)) inline __m128i load_16(const uint8_t* from) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
}

template <int P>
__attribute__((always_inline)) inline __m512i load_side_by_side(const SideBySide<P, const uint8_t*>& rows, int64_t at) {
  if constexpr (P == 1) {
    return _mm512_loadu_si512(rows.p0 + at);
  } else if constexpr (P == 2) {
    const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows.p0 + at));
    const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(rows.p1 + at));
    return _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
  } else {
    const __m256i lower =
        _mm256_inserti128_si256(_mm256_castsi128_si256(load_16(rows.p0 + at)), load_16(rows.p1 + at), 1);
    const __m256i upper =
        _mm256_inserti128_si256(_mm256_castsi128_si256(load_16(rows.p2 + at)), load_16(rows.p3 + at), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
  }
}

template <int P>
__attribute__((always_inline)) inline void store_side_by_side(const SideBySide<P, uint8_t*>& outs, int64_t at,
                                                              __mmask64 mask, __m512i q) {
  if constexpr (P == 1) {
    _mm512_mask_storeu_epi8(outs.p0 + at, mask, q);
  } else if constexpr (P == 2) {
    _mm256_mask_storeu_epi8(outs.p0 + at, static_cast<__mmask32>(mask), _mm512_castsi512_si256(q));
    _mm256_mask_storeu_epi8(outs.p1 + at, static_cast<__mmask32>(mask), _mm512_extracti64x4_epi64(q, 1));
  } else {
    const __mmask16 quarter = static_cast<__mmask16>(mask);
    _mm_mask_storeu_epi8(outs.p0 + at, quarter, _mm512_castsi512_si128(q));
    _mm_mask_storeu_epi8(outs.p1 + at, quarter, _mm512_extracti32x4_epi32(q, 1));
    _mm_mask_storeu_epi8(outs.p2 + at, quarter, _mm512_extracti32x4_epi32(q, 2));
    _mm_mask_storeu_epi8(outs.p3 + at, quarter, _mm512_extracti32x4_epi32(q, 3));
  }
}

struct Four {
  __m512i v0, v1, v2, v3;
};

__attribute__((always_inline)) inline Four load_four(const __m512i* from) {
  return {from[0], from[1], from[2], from[3]};
}

__attribute__((always_inline)) inline Four add_products(const Four& acc, const Four& q, const Four& w) {
  return {_mm512_dpbusd_epi32(acc.v0, q.v0, w.v0), _mm512_dpbusd_epi32(acc.v1, q.v1, w.v1),
          _mm512_dpbusd_epi32(acc.v2, q.v2, w.v2), _mm512_dpbusd_epi32(acc.v3, q.v3, w.v3)};
}

__attribute__((always_inline)) inline __m512i rounded(__m512i acc, const __m512& multiplier) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), multiplier));
}

template <End kEnd>
__attribute__((always_inline)) inline __m512i codes_3x3(const Block3x3* block, const Four& acc) {
  const __m512* m = block->multiplier;
  __m512i low = _mm512_packs_epi32(rounded(acc.v0, m[0]), rounded(acc.v1, m[1]));
  __m512i high = _mm512_packs_epi32(rounded(acc.v2, m[2]), rounded(acc.v3, m[3]));
  if constexpr (kEnd == End::kUnsigned) return _mm512_packus_epi16(low, high);
  if constexpr (kEnd == End::kSigned) return _mm512_xor_si512(_mm512_packs_epi16(low, high), block->flip);
  low = _mm512_adds_epi16(low, block->zero_point);
  high = _mm512_adds_epi16(high, block->zero_point);
  const __m512i q = _mm512_packus_epi16(low, high);
  return _mm512_xor_si512(_mm512_min_epu8(_mm512_max_epu8(q, block->lo), block->hi), block->flip);
}

enum class From { kRows, kRowsToStrip, kStrip };

template <int S, int P, From kFrom, End kEnd>
__attribute__((noinline)) void pass_3x3(const Pass3x3<P>& p) {
  const Block3x3* block = p.block;
  const Taps3x3* taps = p.taps;
  uint8_t* strip = p.strip;
  const __mmask64 mask = p.mask;
  const int64_t pixel = p.pixel, out_pixel = p.out_pixel;
  const Four w0 = load_four(taps->weights), w1 = load_four(taps->weights + 4), w2 = load_four(taps->weights + 8);
  const Group3x3<P>* group = p.groups;
  for (int groups = p.count; groups > 0; --groups, ++group) {
    const SideBySide<P, const uint8_t*> in0(group->in[0]), in1(group->in[1]), in2(group->in[2]), in3(group->in[3]);
    const SideBySide<P, uint8_t*> outs(group->out);
    int64_t at = p.at, at_out = p.at_out;

    // The quads of the next column.
    const auto column = [&]() __attribute__((always_inline)) {
      Four q;
      if (kFrom == From::kStrip) {
        q = load_four(reinterpret_cast<const __m512i*>(strip));
      } else {
        __m512i r0 = load_side_by_side(in0, at), r1 = load_side_by_side(in1, at);
        __m512i r2 = load_side_by_side(in2, at), r3 = r2;  // which meets zero weights
        if (kFrom == From::kRowsToStrip) r3 = load_side_by_side(in3, at);
        if (kEnd == End::kAny) {
          r0 = _mm512_xor_si512(r0, block->in_flip);
          r1 = _mm512_xor_si512(r1, block->in_flip);
          r2 = _mm512_xor_si512(r2, block->in_flip);
          r3 = _mm512_xor_si512(r3, block->in_flip);
        }
        const __m512i low01 = _mm512_unpacklo_epi8(r0, r1), high01 = _mm512_unpackhi_epi8(r0, r1);
        const __m512i low23 = _mm512_unpacklo_epi8(r2, r3), high23 = _mm512_unpackhi_epi8(r2, r3);
        q = {_mm512_unpacklo_epi16(low01, low23), _mm512_unpackhi_epi16(low01, low23),
             _mm512_unpacklo_epi16(high01, high23), _mm512_unpackhi_epi16(high01, high23)};
      }
      if (kFrom == From::kRowsToStrip) {
        __m512i* const to = reinterpret_cast<__m512i*>(strip);
        to[0] = q.v0;
        to[1] = q.v1;
        to[2] = q.v2;
        to[3] = q.v3;
      }
      if (kFrom != From::kRows) strip += 256;
      at += pixel;
      OCTET_OPAQUE(at);  // no other register for it
      return q;
    };
    const auto store = [&](const Four& acc) __attribute__((always_inline)) {
      store_side_by_side(outs, at_out, mask, codes_3x3<kEnd>(block, acc));
      at_out += out_pixel;
    };
    const auto store_last = [&](const Four& acc) __attribute__((always_inline)) {
      OCTET_OPAQUE(taps);
      store({_mm512_add_epi32(acc.v0, taps->right[0]), _mm512_add_epi32(acc.v1, taps->right[1]),
             _mm512_add_epi32(acc.v2, taps->right[2]), _mm512_add_epi32(acc.v3, taps->right[3])});
    };
    OCTET_OPAQUE(taps);
    Four a = p.left ? load_four(taps->start_left) : add_products(load_four(block->start), column(), w0), b, c;
    if constexpr (S == 1) {
      // Ends the oldest of the outputs, which is first, and begins the one after second in third.
      const auto output = [&](Four & first, Four & second, Four & third) __attribute__((always_inline)) {
        OCTET_OPAQUE(block);
        const Four q = column();
        first = add_products(first, q, w2);
        second = add_products(second, q, w1);
        third = add_products(load_four(block->start), q, w0);
        store(first);
      };
      const Four q = column();
      a = add_products(a, q, w1);
      b = add_products(load_four(block->start), q, w0);
      int left = p.outputs;
      for (; left >= 3; left -= 3) {
        output(a, b, c);
        output(b, c, a);
        output(c, a, b);
      }
      if (left == 0) {
        if (p.right) store_last(a);
      } else if (left == 1) {
        output(a, b, c);
        if (p.right) store_last(b);
      } else {
        output(a, b, c);
        output(b, c, a);
        if (p.right) store_last(c);
      }
    } else {
      const auto output = [&](Four & first, Four & second) __attribute__((always_inline)) {
        OCTET_OPAQUE(block);
        first = add_products(first, column(), w1);
        const Four q = column();
        first = add_products(first, q, w2);
        second = add_products(load_four(block->start), q, w0);
        store(first);
      };
      int left = p.outputs;
      for (; left >= 2; left -= 2) {
        output(a, b);
        output(b, a);
      }
      if (left != 0) {
        output(a, b);
        if (p.right) store_last(add_products(b, column(), w1));
      } else if (p.right) {
        store_last(add_products(a, column(), w1));
      }
    }
  }
}

template <int S, int P, End kEnd>
void rows_3x3(const octet::DepthwiseQ8Band& g, const Block3x3& block) {
  constexpr int kDown = S == 1 ? 2 : 1;  // output rows one below the other in a group
  alignas(64) uint8_t strip[S == 1 ? kStripColumns * 256 : 1];
  Group3x3<P> groups[kStripGroups];
  Pass3x3<P> pass;
  pass.block = &block;
  pass.groups = groups;
  pass.strip = strip;
  pass.mask = ~0ull >> (64 - g.columns);
  pass.pixel = g.pixel;
  pass.out_pixel = g.out_pixel;
  // As many groups as have room in the strip, or a part of the width of one.
  const int n = g.out_rows, room = kStripColumns / (g.out_width + 2);
  const int batch = S != 1 || room > kStripGroups ? kStripGroups : room > 0 ? room : 1;
  int parts = 1, width = g.out_width;
  if (S == 1 && room == 0) {
    parts = (g.out_width + kStripColumns - 3) / (kStripColumns - 2);
    width = (g.out_width + parts - 1) / parts;
  }
  for (int row = 0; row < n;) {
    int whole = 0;  // groups that have both rows
    pass.count = 0;
    for (; pass.count < batch && row < n; ++pass.count, row += kDown * P) {
      // Of rows side by side, those beyond the end repeat the last ones.
      const int last = P == 1 || n < kDown ? n - 1 : n - kDown;
      const bool below = kDown == 2 && (row < last || (P > 1 && n > 1));
      whole += below;
      Group3x3<P>& group = groups[pass.count];
      for (int k = 0; k < P; ++k) {
        const int first = row + kDown * k < last ? row + kDown * k : last;
        const uint8_t* const* rows = g.rows + 3 * first;
        for (int i = 0; i < 3; ++i) group.in[i][k] = rows[i];
        group.in[3][k] = rows[below ? 5 : 2];
        group.out[k] = g.out + first * g.out_row;
      }
    }
    for (int o = 0; o < g.out_width; o += width) {
      const int outputs = g.out_width - o < width ? g.out_width - o : width, x = o * S - g.pad_left;
      pass.left = x < 0;
      pass.right = x + (outputs - 1) * S + 3 > g.in_width;
      pass.outputs = outputs - pass.right;
      pass.at = g.channel + (pass.left ? 0 : x * g.pixel);
      pass.at_out = o * g.out_pixel;
      pass.taps = &block.upper;
      if constexpr (S == 2) {
        pass_3x3<S, P, From::kRows, kEnd>(pass);
      } else {
        pass_3x3<S, P, From::kRowsToStrip, kEnd>(pass);
        if (whole == 0) continue;
        const int count = pass.count;
        pass.count = whole;
        pass.taps = &block.lower;
        pass.at_out += g.out_row;
        pass_3x3<S, P, From::kStrip, kEnd>(pass);
        pass.count = count;
      }
    }
  }
}

template <End kEnd>
void depthwise_3x3(const octet::DepthwiseQ8Band& g) {
  Block3x3 block;
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) {
    block.start[v] = _mm512_loadu_si512(g.start + 16 * v);
    block.multiplier[v] = _mm512_loadu_ps(g.multiplier + 16 * v);
  }
  block.zero_point = _mm512_set1_epi16(static_cast<short>(g.zero_point));
  block.lo = _mm512_set1_epi8(static_cast<char>(g.qmin));
  block.hi = _mm512_set1_epi8(static_cast<char>(g.qmax));
  block.flip = _mm512_set1_epi8(static_cast<char>(kEnd == End::kSigned ? g.out_flip ^ 0x80 : g.out_flip));
  block.in_flip = _mm512_set1_epi32(static_cast<int>(g.flip));
  const __m512i pad = _mm512_set1_epi32(static_cast<int>(g.pad_code ^ g.flip));
#pragma GCC unroll 12
  for (int i = 0; i < 12; ++i) {
    block.upper.weights[i] = _mm512_loadu_si512(g.weights + 64 * i);
    block.lower.weights[i] = _mm512_slli_epi32(block.upper.weights[i], 8);
  }
#pragma GCC unroll 4
  for (int v = 0; v < 4; ++v) {
    block.upper.start_left[v] = _mm512_dpbusd_epi32(block.start[v], pad, block.upper.weights[v]);
    block.upper.right[v] = _mm512_dpbusd_epi32(_mm512_setzero_si512(), pad, block.upper.weights[8 + v]);
    block.lower.start_left[v] = block.upper.start_left[v];  // the same sum
    block.lower.right[v] = block.upper.right[v];
  }
  if (g.stride == 1) {
    if (g.copies == 4) return rows_3x3<1, 4, kEnd>(g, block);
    if (g.copies == 2) return rows_3x3<1, 2, kEnd>(g, block);
    return rows_3x3<1, 1, kEnd>(g, block);
  }
  if (g.copies == 4) return rows_3x3<2, 4, kEnd>(g, block);
  if (g.copies == 2) return rows_3x3<2, 2, kEnd>(g, block);
  rows_3x3<2, 1, kEnd>(g, block);
}

// At most one column of padding on either side; without a stride two output rows share two of their input rows.
inline bool fits_3x3(const octet::DepthwiseQ8Band& g) {
  return g.kh == 3 && g.kw == 3 && g.dilation == 1 && (g.stride == 2 || (g.stride == 1 && g.rolling != 0)) &&
         g.clamp_first == 0 && g.pad_left <= 1 && (g.out_width - 1) * g.stride - g.pad_left + 2 <= g.in_width;
}

}  // namespace

#endif  // OCTET_KERNELS_AVX512VNNI_DEPTHWISE_3X3_H_
