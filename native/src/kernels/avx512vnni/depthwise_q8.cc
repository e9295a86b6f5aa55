// 8-bit depthwise convolution with vpdpbusd: blocks of 64 channels, quads of four rows. The unpacks leave channel
// 16 L + 4 v + i at lane L, element i of register v, which is the order that the packs of the epilogue undo.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/depthwise_3x3.h"
#include "kernels/simd/depthwise_q8.inl.h"

namespace {

// What the end of a step needs, as operands in memory: registers are for weights and sums.
struct EndConstants {
  __m512i zero_point, lo, hi, flip;
};

// kPlain: u8 in, u8 out with all its codes, whose bounds the packs keep. kPair: two rows of at most 32 channels, one in the
// lower, one in the upper half.
template <bool kPlain, int kPairs>
struct Zmm {
  using I = __m512i;
  using Row = __m512i;
  static constexpr int kAcc = 4, kRows = 4, kPair = kPairs;
  static constexpr bool kHoldWeights = true, kOwn3x3 = true;
  static I set_bytes(uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
  static I set_pad(uint32_t x) { return set_bytes(x); }
  static Row load_row(const uint8_t* const* row, int second, int64_t at, I flip) {
    Row r;
    if (kPair == 1) {
      r = _mm512_loadu_si512(*row + at);
    } else {
      const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row[0] + at));
      const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row[second] + at));
      r = _mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1);
    }
    return kPlain ? r : _mm512_xor_si512(r, flip);
  }
  // Meets zero weights.
  static Row fill_row(Row last) { return last; }
  static void interleave(const Row* r, I* quads) {
    const I low01 = _mm512_unpacklo_epi8(r[0], r[1]), high01 = _mm512_unpackhi_epi8(r[0], r[1]);
    const I low23 = _mm512_unpacklo_epi8(r[2], r[3]), high23 = _mm512_unpackhi_epi8(r[2], r[3]);
    quads[0] = _mm512_unpacklo_epi16(low01, low23);
    quads[1] = _mm512_unpackhi_epi16(low01, low23);
    quads[2] = _mm512_unpacklo_epi16(high01, high23);
    quads[3] = _mm512_unpackhi_epi16(high01, high23);
  }
  static I load_start(const int32_t* start, int v) { return _mm512_loadu_si512(start + 16 * v); }
  static I load_weights(const uint8_t* w, int i) { return _mm512_loadu_si512(w + 64 * i); }
  static I add_products(I acc, I quad, I w) { return _mm512_dpbusd_epi32(acc, quad, w); }
  struct Store {
    const float* multiplier;
    EndConstants constants;
    __mmask64 mask;
    int64_t second;
    float bounds[2];
    bool clamp_first;
    Store(const octet::DepthwiseQ8Band& g, bool has_second)
        : multiplier(g.multiplier),
          constants{_mm512_set1_epi16(static_cast<short>(g.zero_point)), _mm512_set1_epi8(static_cast<char>(g.qmin)),
                    _mm512_set1_epi8(static_cast<char>(g.qmax)), _mm512_set1_epi8(static_cast<char>(g.out_flip))},
          mask(~0ull >> (64 - g.columns)),
          second(has_second ? g.out_row : 0),
          bounds{static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)},
          clamp_first(g.clamp_first != 0) {}
    __attribute__((always_inline)) void operator()(const I* acc, uint8_t* out) const {
      const float* factors = multiplier;
      const EndConstants* end = &constants;
      OCTET_OPAQUE(factors);
      OCTET_OPAQUE(end);
      I t[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) {
        __m512 f = _mm512_mul_ps(_mm512_cvtepi32_ps(acc[v]), _mm512_loadu_ps(factors + 16 * v));
        if (!kPlain && __builtin_expect(clamp_first, 0)) {
          f = _mm512_min_ps(_mm512_max_ps(f, _mm512_set1_ps(bounds[0])), _mm512_set1_ps(bounds[1]));
        }
        t[v] = _mm512_cvtps_epi32(f);
      }
      const I low = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[1]), end->zero_point);
      const I high = _mm512_adds_epi16(_mm512_packs_epi32(t[2], t[3]), end->zero_point);
      I q = _mm512_packus_epi16(low, high);
      if (!kPlain) q = _mm512_xor_si512(_mm512_min_epu8(_mm512_max_epu8(q, end->lo), end->hi), end->flip);
      if (kPair == 1) {
        _mm512_mask_storeu_epi8(out, mask, q);
      } else {
        // Where there is no second row it is the first.
        _mm256_mask_storeu_epi8(out, static_cast<__mmask32>(mask), _mm512_castsi512_si256(q));
        _mm256_mask_storeu_epi8(out + second, static_cast<__mmask32>(mask), _mm512_extracti64x4_epi64(q, 1));
      }
    }
  };
};

void octet_depthwise_u8s8u8_64__avx512vnni(const octet::DepthwiseQ8Band& g) {
  if (fits_3x3(g)) {
    const bool full = g.qmin == 0 && g.qmax == 255 && g.flip == 0;
    if (full && g.zero_point == 0 && g.out_flip == 0) return depthwise_3x3<End::kUnsigned>(g);
    if (full && g.zero_point == 128) return depthwise_3x3<End::kSigned>(g);
    return depthwise_3x3<End::kAny>(g);
  }
  const bool plain = g.qmin == 0 && g.qmax == 255 && g.out_flip == 0 && g.flip == 0 && g.clamp_first == 0;
  if (g.copies > 1) return plain ? depthwise_q8<Zmm<true, 2>>(g) : depthwise_q8<Zmm<false, 2>>(g);
  return plain ? depthwise_q8<Zmm<true, 1>>(g) : depthwise_q8<Zmm<false, 1>>(g);
}

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__avx512vnni = {
    octet_depthwise_u8s8u8_64__avx512vnni, 4, {nullptr, 16, 4, 4, 1, nullptr}, /*permuted=*/1};
