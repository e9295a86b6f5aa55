// 8-bit depthwise convolution with 16 registers of 256 bits: windows 3x3 and 5x5 without dilation, blocks of 32 channels.
//
// Registers do not suffice for the weights and sums of 32 channels. So the columns of some input rows are interleaved once
// into a strip in the first-level cache, padding included, and passes of eight channels go over it, whose weights and sums
// are registers. A pass leaves its results in memory for the next one, and the last one of the four has 32 codes.
//
// X: {Weight, kRows in a group that one product sums, interleave, add_products}. Units of a column in the strip are
// - vertical: kRows rows; without a stride those that the windows of two output rows, one below the other, share
// - side: kRows columns of the one row that only the first of the two sees, and of that which only the second sees
// Where all rows that the two see make one group, there is no side.
#ifndef OCTET_KERNELS_AVX2_DEPTHWISE_STRIP_H_
#define OCTET_KERNELS_AVX2_DEPTHWISE_STRIP_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/avx2/store_q8.h"
#include "kernels/depthwise.h"
#include "kernels/gemm_tiles.h"
#include "kernels/simd/depthwise_q8.inl.h"

namespace {

template <typename X, int K, int S>
struct Strip {
  static constexpr int kGroup = X::kRows;
  static constexpr bool kSide = (K - 1) % kGroup == 0;
  static constexpr int kVertical = kSide ? (K - 1) / kGroup : (K + kGroup - 1) / kGroup;
  static constexpr int kDown = S == 1 ? 2 : 1;  // output rows one below the other
  static constexpr int kRows = K + kDown - 1;   // that they see
  static constexpr int kUnits = kVertical + (kSide ? kDown : 0);
  static constexpr int kColumn = kUnits * 128;  // bytes: [unit][4][32]
  static constexpr int kTaps = K * kVertical + (kSide ? (K + kGroup - 1) / kGroup : 0);
  static constexpr int kOpen = (K - 1) / S + 1;  // outputs whose windows have a column in common
  static_assert(kSide || kRows <= kVertical * kGroup, "the group holds all rows");

  // Weights: [kDown][4][kTaps][8 channels][kGroup]; vertical ones by column, then those of the side.
  static int64_t pack(const int16_t* taps, uint8_t* to) {
    typename X::Weight* at = reinterpret_cast<typename X::Weight*>(to);
    for (int i = 0; to != nullptr && i < kDown * 4 * kTaps * 8 * kGroup; ++i) {
      const int element = i % kGroup, channel = i / (kTaps * 8 * kGroup) % 4 * 8 + i / kGroup % 8;
      const int tap = i / (8 * kGroup) % kTaps, down = i / (4 * kTaps * 8 * kGroup);
      int kx = tap / kVertical, ky = tap % kVertical * kGroup + element + (kSide ? 1 - down : -down);
      if (tap >= K * kVertical) {
        kx = (tap - K * kVertical) * kGroup + element;
        ky = down == 0 ? 0 : K - 1;
      }
      const bool exists = kx < K && ky >= 0 && ky < K;
      at[i] = static_cast<typename X::Weight>(exists ? taps[(channel * K + ky) * K + kx] : 0);
    }
    return kDown * 4 * kTaps * 32;
  }
};

// Rows that a strip is made of: P beside each other in a register, 1 of 32 channels or 2 of 16.
struct StripRows {
  const uint8_t* in[6][2];
  uint8_t* out[2][2];  // of the one below the other
};

inline __m256i load_32(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }

inline void store_32(uint8_t* to, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); }

inline __m256i load_halves(const uint8_t* low, const uint8_t* high) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
                                 _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
}

// The first n of 32 codes, or of 16 in either half.
template <int P>
__attribute__((always_inline)) inline void store_codes(uint8_t* out, uint8_t* second, __m256i q, int n) {
  const __m128i low = _mm256_castsi256_si128(q), high = _mm256_extracti128_si256(q, 1);
  if (__builtin_expect(n == 32 / P, 1)) {
    if (P == 1) {
      store_32(out, q);
    } else {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), low);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(second), high);
    }
  } else {
    store_part(q, n, out);
    if (P == 2) store_part(_mm256_castsi128_si256(high), n, second);
  }
}

// Interleaves `columns` columns from x on.
template <typename X, int K, int S, int P, bool kFlip>
__attribute__((noinline)) void fill_strip(const octet::DepthwiseQ8Band& g, const StripRows& rows, int x, int columns,
                                          uint8_t* strip) {
  using T = Strip<X, K, S>;
  const __m256i flip = _mm256_set1_epi32(static_cast<int>(g.flip));
  const __m256i pad = _mm256_set1_epi32(static_cast<int>(g.pad_code ^ g.flip));
  const uint8_t* in[T::kRows][P];
#pragma GCC unroll 6
  for (int i = 0; i < T::kRows; ++i) {
#pragma GCC unroll 2
    for (int p = 0; p < P; ++p) in[i][p] = rows.in[i][p] + g.channel;
  }
  const int64_t pixel = g.pixel;
  const auto load = [&](int row, int64_t at) __attribute__((always_inline)) {
    __m256i r = P == 1 ? load_32(in[row][0] + at) : load_halves(in[row][0] + at, in[row][P - 1] + at);
    if (kFlip) r = _mm256_xor_si256(r, flip);
    OCTET_KEEP(r);  // else it is read twice, as an operand
    return r;
  };
  const auto put = [&](const __m256i* group, int unit) __attribute__((always_inline)) {
    __m256i q[4];
    X::interleave(group, q);
#pragma GCC unroll 4
    for (int v = 0; v < 4; ++v) store_32(strip + unit * 128 + v * 32, q[v]);
  };
  const int width = g.in_width, end = x + columns, whole = T::kSide ? width - T::kGroup + 1 : width;
  bool side = true;
  const auto column = [&](bool inside) __attribute__((always_inline)) {
    const auto code = [&](int row, int i) __attribute__((always_inline)) {
      return inside || static_cast<uint32_t>(x + i) < static_cast<uint32_t>(width) ? load(row, (x + i) * pixel) : pad;
    };
    __m256i group[T::kGroup];
#pragma GCC unroll 2
    for (int u = 0; u < T::kVertical; ++u) {
#pragma GCC unroll 4
      for (int i = 0; i < T::kGroup; ++i) {
        const int row = (T::kSide ? 1 : 0) + u * T::kGroup + i;
        group[i] = row < T::kRows ? code(row, 0) : group[i > 0 ? i - 1 : 0];  // which meets zero weights
      }
      put(group, u);
    }
    if (T::kSide && side) {
#pragma GCC unroll 2
      for (int down = 0; down < T::kDown; ++down) {
#pragma GCC unroll 4
        for (int i = 0; i < T::kGroup; ++i) group[i] = code(down == 0 ? 0 : K, i);
        put(group, T::kVertical + down);
      }
    }
    if (S == 2) side = !side;  // windows begin and end at even columns
    strip += T::kColumn;
    ++x;
  };
  while (x < end && (x < 0 || x >= whole)) column(false);
  while (x < end && x < whole) column(true);
  while (x < end) column(false);
}

// How sums become codes. kUnsigned and kSigned: all codes, of a zero point that is the lowest or in the middle of what a pack
// keeps; kUnsigned: not flipped either.
enum class StripEnd { kUnsigned, kSigned, kAny };

// Operands in memory.
struct StripConstants {
  __m256i zero_point, lo, hi, flip;
};

// What a pass leaves: rounded sums; packed with those of the pass before; codes.
enum class StripStage { kRound, kPack, kStore };

struct StripPass {
  const uint8_t* strip;  // at the pass's register
  int64_t side;          // from there to its unit
  int64_t step;          // between groups of rows
  int count;             // of these
  const StripRows* rows;
  uint8_t* between;  // [group][output][2][32]: rounded, packed
  int64_t between_step;
  const uint8_t* weights;
  const int32_t* start;
  const float* multiplier;
  const StripConstants* constants;
  int outputs, down, columns;
  int64_t at_out, out_pixel;
};

template <typename X, int K, int S, int P, StripStage kStage, StripEnd kEnd>
__attribute__((noinline)) void pass_strip(const StripPass& p) {
  using T = Strip<X, K, S>;
  constexpr bool kHold = T::kTaps + T::kOpen <= 12;
  constexpr int kHeld = kHold ? T::kTaps : 4;  // weights that have registers
  __m256i held[kHeld];
#pragma GCC unroll 16
  for (int i = 0; i < kHeld; ++i) held[i] = load_32(p.weights + 32 * i);
  const uint8_t* weights = p.weights;
  const StripConstants* constants = p.constants;
  const __m256i start = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p.start));
  const __m256 multiplier = _mm256_loadu_ps(p.multiplier);
  const int64_t side = p.side, out_pixel = p.out_pixel;
  const int columns = p.columns;
  for (int group = 0; group < p.count; ++group) {
    const uint8_t* strip = p.strip + group * p.step;
    uint8_t* between = p.between + group * p.between_step;
    uint8_t* out = p.rows[group].out[p.down][0] + p.at_out;
    const int64_t second = p.rows[group].out[p.down][P - 1] - p.rows[group].out[p.down][0];
    __m256i acc[T::kOpen];  // the oldest open output's sum is acc[turn]: unrolled, no register is moved
    // Column j of the window of the oldest output is column j - s * S of the s-th after it.
    const auto step = [&](int j, int turn) __attribute__((always_inline)) {
#pragma GCC unroll 3
      for (int u = 0; u <= T::kVertical; ++u) {
        if (u == T::kVertical && (!T::kSide || (S == 2 && j % 2 != 0))) continue;
        const __m256i unit = load_32(u < T::kVertical ? strip + u * 128 : strip + side);
#pragma GCC unroll 8
        for (int s = 0; s < T::kOpen; ++s) {
          const int kx = j - s * S;
          if (kx < 0 || kx >= K || (u == T::kVertical && kx % T::kGroup != 0)) continue;
          const int tap = u < T::kVertical ? kx * T::kVertical + u : K * T::kVertical + kx / T::kGroup;
          __m256i& sum = acc[(s + turn) % T::kOpen];
          __m256i next = X::add_products(kx == 0 && u == 0 ? start : sum, unit,
                                         tap < kHeld ? held[tap % kHeld] : load_32(weights + 32 * tap));
          if (!kHold) OCTET_KEEP(next);  // else additions are put into another order, which needs more registers
          sum = next;
        }
      }
      strip += T::kColumn;
    };
#pragma GCC unroll 8
    for (int j = 0; j < K - S; ++j) step(j, 0);
    const auto finish = [&](auto constant) __attribute__((always_inline)) {
      constexpr int turn = decltype(constant)::value;
      if (!kHold) OCTET_OPAQUE(weights);
      OCTET_OPAQUE(constants);
#pragma GCC unroll 2
      for (int j = K - S; j < K; ++j) step(j, turn);
      const __m256i rounded = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(acc[turn]), multiplier));
      if constexpr (kStage == StripStage::kRound) {
        store_32(between, rounded);
      } else {
        __m256i packed = _mm256_packs_epi32(rounded, load_32(between));
        if (kEnd == StripEnd::kAny) packed = _mm256_adds_epi16(packed, constants->zero_point);
        if constexpr (kStage == StripStage::kPack) {
          store_32(between + 32, packed);
        } else {
          const __m256i after = load_32(between + 32);
          __m256i q =
              kEnd == StripEnd::kSigned ? _mm256_packs_epi16(packed, after) : _mm256_packus_epi16(packed, after);
          if (kEnd == StripEnd::kAny) q = _mm256_min_epu8(_mm256_max_epu8(q, constants->lo), constants->hi);
          if (kEnd != StripEnd::kUnsigned) q = _mm256_xor_si256(q, constants->flip);
          store_codes<P>(out, out + second, q, columns);
          out += out_pixel;
        }
      }
      between += 64;
    };
    static_assert(T::kOpen <= 5, "one line more for each");
    int left = p.outputs;
    for (; left >= T::kOpen; left -= T::kOpen) {
      finish(Turn<0>());
      finish(Turn<1>());
      if (T::kOpen > 2) finish(Turn<2 % T::kOpen>());
      if (T::kOpen > 3) finish(Turn<3 % T::kOpen>());
      if (T::kOpen > 4) finish(Turn<4 % T::kOpen>());
    }
    if (left > 0) finish(Turn<0>());
    if (T::kOpen > 2 && left > 1) finish(Turn<1>());
    if (T::kOpen > 3 && left > 2) finish(Turn<2 % T::kOpen>());
    if (T::kOpen > 4 && left > 3) finish(Turn<3 % T::kOpen>());
  }
}

constexpr int kStripBytes = 16 << 10, kStripGroups = 8, kStripOutputs = 128;

// The four passes of one of the output rows below each other. The packs put the sums of register v + 1 after those of v.
template <typename X, int K, int S, int P, StripEnd kEnd>
void finish_strip(const octet::DepthwiseQ8Band& g, StripPass* p) {
  using T = Strip<X, K, S>;
  constexpr StripEnd kInner = kEnd == StripEnd::kAny ? StripEnd::kAny : StripEnd::kUnsigned;
  const uint8_t* const strip = p->strip;
  for (int v = 3; v >= 0; --v) {
    p->strip = strip + 32 * v;
    p->weights = g.weights + (p->down * 4 + v) * T::kTaps * 32;
    p->start = g.start + 8 * v;
    p->multiplier = g.multiplier + 8 * v;
    if (v % 2 != 0) {
      pass_strip<X, K, S, 1, StripStage::kRound, StripEnd::kUnsigned>(*p);
    } else if (v == 2) {
      pass_strip<X, K, S, 1, StripStage::kPack, kInner>(*p);
    } else {
      pass_strip<X, K, S, P, StripStage::kStore, kEnd>(*p);
    }
  }
  p->strip = strip;
}

template <typename X, int K, int S, int P, StripEnd kEnd>
void rows_by_strip(const octet::DepthwiseQ8Band& g, const StripConstants& constants) {
  using T = Strip<X, K, S>;
  constexpr int kColumns = kStripBytes / T::kColumn;
  alignas(64) uint8_t strip[kStripBytes];
  alignas(64) uint8_t between[kStripOutputs * 64];
  StripRows rows[kStripGroups];
  StripPass pass;
  pass.strip = strip;
  pass.rows = rows;
  pass.between = between;
  pass.constants = &constants;
  pass.columns = g.columns;
  pass.out_pixel = g.out_pixel;
  // As many groups of rows as have room in the strip, or a part of the width of one.
  const int columns = (g.out_width - 1) * S + K;
  int batch = kColumns / columns, parts = 1;
  if (batch > kStripGroups) batch = kStripGroups;
  if (batch == 0) {
    constexpr int kMost = (kColumns - K) / S + 1;
    batch = 1;
    parts = (g.out_width + kMost - 1) / kMost;
  }
  const int width = (g.out_width + parts - 1) / parts;
  const int n = g.out_rows, down = g.rolling != 0 ? T::kDown : 1;
  for (int row = 0; row < n;) {
    int count = 0, whole = 0;  // whole: that have two rows below each other
    for (; count < batch && row < n; ++count, row += down * P) {
      // Of rows side by side, those beyond the end repeat the last ones.
      const int last = P == 1 || n < down ? n - 1 : n - down;
      const bool below = down == 2 && (row < last || (P > 1 && n > 1));
      whole += below;
      for (int i = 0; i < P; ++i) {
        const int first = row + down * i < last ? row + down * i : last;
        const uint8_t* const* window = g.rows + K * first;
        for (int k = 0; k < T::kRows; ++k) rows[count].in[k][i] = k < K ? window[k] : window[below ? 2 * K - 1 : K - 1];
        for (int k = 0; k < 2; ++k) rows[count].out[k][i] = g.out + (first + (below ? k : 0)) * g.out_row;
      }
    }
    for (int o = 0; o < g.out_width; o += width) {
      pass.outputs = g.out_width - o < width ? g.out_width - o : width;
      pass.at_out = o * g.out_pixel;
      const int part = (pass.outputs - 1) * S + K;
      pass.step = part * T::kColumn;
      pass.between_step = pass.outputs * 64;
      for (int i = 0; i < count; ++i) {
        if (g.flip != 0) {
          fill_strip<X, K, S, P, true>(g, rows[i], o * S - g.pad_left, part, strip + i * pass.step);
        } else {
          fill_strip<X, K, S, P, false>(g, rows[i], o * S - g.pad_left, part, strip + i * pass.step);
        }
      }
      for (pass.down = 0; pass.down < T::kDown; ++pass.down) {
        pass.count = pass.down == 0 ? count : whole;
        pass.side = (T::kVertical + pass.down) * 128;
        finish_strip<X, K, S, P, kEnd>(g, &pass);
      }
    }
  }
}

template <typename X, int K, int S, int P>
void rows_by_strip(const octet::DepthwiseQ8Band& g) {
  const bool full = g.qmin == 0 && g.qmax == 255;
  const bool is_signed = full && g.zero_point == 128;
  const StripConstants constants = {_mm256_set1_epi16(static_cast<short>(g.zero_point)),
                                    _mm256_set1_epi8(static_cast<char>(g.qmin)),
                                    _mm256_set1_epi8(static_cast<char>(g.qmax)),
                                    _mm256_set1_epi8(static_cast<char>(is_signed ? g.out_flip ^ 0x80 : g.out_flip))};
  if (full && g.zero_point == 0 && g.out_flip == 0) return rows_by_strip<X, K, S, P, StripEnd::kUnsigned>(g, constants);
  if (is_signed) return rows_by_strip<X, K, S, P, StripEnd::kSigned>(g, constants);
  rows_by_strip<X, K, S, P, StripEnd::kAny>(g, constants);
}

template <typename X, int K, int S>
void rows_by_strip(const octet::DepthwiseQ8Band& g) {
  g.copies == 2 ? rows_by_strip<X, K, S, 2>(g) : rows_by_strip<X, K, S, 1>(g);
}

// Other windows, and products that do not fit 32 bits: kernels/simd/depthwise_q8.inl.h over panels. kPairs: rows of at most
// 16 channels side by side.
template <typename X, int kPairs>
struct AnyWindow {
  using I = __m256i;
  using Row = __m256i;
  static constexpr int kAcc = 4, kRows = X::kRows, kPair = kPairs;
  static I set_bytes(uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
  static I set_pad(uint32_t x) {
    Row r[kRows];
    I q[4];
    for (int i = 0; i < kRows; ++i) r[i] = set_bytes(x);
    X::interleave(r, q);
    return q[0];
  }
  static Row load_row(const uint8_t* const* row, int second, int64_t at, I flip) {
    return _mm256_xor_si256(kPair == 1 ? load_32(row[0] + at) : load_halves(row[0] + at, row[second] + at), flip);
  }
  static Row fill_row(Row last) { return last; }  // meets zero weights
  static void interleave(const Row* r, I* q) { X::interleave(r, q); }
  static I load_start(const int32_t* start, int v) { return load_32(reinterpret_cast<const uint8_t*>(start + 8 * v)); }
  static I load_weights(const uint8_t* w, int i) { return load_32(w + 32 * i); }
  static I add_products(I acc, I unit, I w) { return X::add_products(acc, unit, w); }
  struct Store {
    Requantizer<4> requantizer;
    int64_t second;
    Store(const octet::DepthwiseQ8Band& g, bool has_second) : requantizer(g), second(has_second ? g.out_row : 0) {}
    void operator()(const I* acc, uint8_t* out) const {
      I t[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) t[v] = requantize(requantizer, acc[v], v);
      const I low = _mm256_add_epi16(_mm256_packs_epi32(t[0], t[1]), requantizer.zero_point);
      const I high = _mm256_add_epi16(_mm256_packs_epi32(t[2], t[3]), requantizer.zero_point);
      const I flip = _mm256_broadcastsi128_si256(requantizer.flip);
      store_codes<kPair>(out, out + second, _mm256_xor_si256(_mm256_packus_epi16(low, high), flip),
                         requantizer.columns);
    }
  };
};

inline bool fits_strip(const octet::DepthwiseQ8Window& w) {
  return w.kh == w.kw && (w.kh == 3 || w.kh == 5) && w.stride <= 2 && w.dilation == 1 && w.clamp_first == 0;
}

template <typename X>
int64_t pack_depthwise(const octet::DepthwiseQ8Window& w, const int16_t* taps, uint8_t* to) {
  if (!fits_strip(w)) return 0;
  if (w.kh == 3) return w.stride == 1 ? Strip<X, 3, 1>::pack(taps, to) : Strip<X, 3, 2>::pack(taps, to);
  return w.stride == 1 ? Strip<X, 5, 1>::pack(taps, to) : Strip<X, 5, 2>::pack(taps, to);
}

template <typename X>
void depthwise_by_strip(const octet::DepthwiseQ8Band& g) {
  if (!fits_strip({g.kh, g.kw, g.stride, g.dilation, g.clamp_first})) {
    return g.copies == 2 ? depthwise_rows_any<AnyWindow<X, 2>>(g) : depthwise_rows_any<AnyWindow<X, 1>>(g);
  }
  if (g.kh == 3) return g.stride == 1 ? rows_by_strip<X, 3, 1>(g) : rows_by_strip<X, 3, 2>(g);
  g.stride == 1 ? rows_by_strip<X, 5, 1>(g) : rows_by_strip<X, 5, 2>(g);
}

}  // namespace

#endif  // OCTET_KERNELS_AVX2_DEPTHWISE_STRIP_H_
