// 8-bit depthwise convolution with vpdpbusd: blocks of 64 channels, quads of four rows. The unpacks leave channel
// 16 L + 4 v + i at lane L, element i of register v, which is the order that the packs of the epilogue undo.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/store_q8.h"
#include "kernels/simd/depthwise_q8.inl.h"

namespace {

struct Zmm {
  using I = __m512i;
  using Row = __m512i;
  static constexpr int kAcc = 4, kRows = 4, kPair = 1;
  static constexpr bool kHoldWeights = true;
  static I set_bytes(uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
  static I set_pad(uint32_t x) { return set_bytes(x); }
  static Row load_row(const uint8_t* const* row, int64_t at, I flip) {
    return _mm512_xor_si512(_mm512_loadu_si512(*row + at), flip);
  }
  static Row zero_row() { return _mm512_setzero_si512(); }
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
    Requantizer<4> requantizer;
    float bounds[2];
    bool clamp_first;
    explicit Store(const octet::DepthwiseQ8Band& g)
        : requantizer(g),
          bounds{static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)},
          clamp_first(g.clamp_first != 0) {}
    void operator()(const I* acc, uint8_t* out) const {
      if (__builtin_expect(clamp_first, 0)) {
        store_q8<4>(requantizer, acc, out, bounds);
      } else {
        store_q8<4>(requantizer, acc, out, nullptr);
      }
    }
  };
};

// Whole blocks whose bounds are those of u8: the packs keep them, and the code of a step has no branch.
struct ZmmPlain : Zmm {
  struct Store {
    __m512 multiplier[4];
    __m512i zero_point;
    explicit Store(const octet::DepthwiseQ8Band& g) : zero_point(_mm512_set1_epi16((short)g.zero_point)) {
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) multiplier[v] = _mm512_loadu_ps(g.multiplier + 16 * v);
    }
    __m512i codes(const I* acc) const {
      __m512i t[4];
#pragma GCC unroll 4
      for (int v = 0; v < 4; ++v) t[v] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc[v]), multiplier[v]));
      const __m512i low = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[1]), zero_point);
      const __m512i high = _mm512_adds_epi16(_mm512_packs_epi32(t[2], t[3]), zero_point);
      return _mm512_packus_epi16(low, high);
    }
    void operator()(const I* acc, uint8_t* out) const { _mm512_storeu_si512(out, codes(acc)); }
  };
};

// Two output rows of at most 32 channels: one in the lower, one in the upper half.
struct ZmmPair : Zmm {
  static constexpr int kPair = 2;
  static Row load_row(const uint8_t* const* row, int64_t at, I flip) {
    const __m256i lower = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row[0] + at));
    const __m256i upper = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(row[1] + at));
    return _mm512_xor_si512(_mm512_inserti64x4(_mm512_castsi256_si512(lower), upper, 1), flip);
  }
  struct Store {
    Zmm::Store whole;
    __mmask32 mask;
    int64_t second;
    explicit Store(const octet::DepthwiseQ8Band& g)
        : whole(g), mask(static_cast<__mmask32>(~0u >> (32 - g.columns))), second(g.second_out) {}
    void operator()(const I* acc, uint8_t* out) const {
      const __m512i q = requantize<4>(whole.requantizer, acc, whole.clamp_first ? whole.bounds : nullptr);
      _mm256_mask_storeu_epi8(out, mask, _mm512_castsi512_si256(q));
      if (second != 0) _mm256_mask_storeu_epi8(out + second, mask, _mm512_extracti64x4_epi64(q, 1));
    }
  };
};

struct ZmmPairPlain : ZmmPair {
  struct Store {
    ZmmPlain::Store whole;
    __mmask32 first_mask, second_mask;
    int64_t second;
    explicit Store(const octet::DepthwiseQ8Band& g)
        : whole(g),
          first_mask(static_cast<__mmask32>(~0u >> (32 - g.columns))),
          second_mask(g.second_out != 0 ? first_mask : 0),
          second(g.second_out) {}
    void operator()(const I* acc, uint8_t* out) const {
      const __m512i q = whole.codes(acc);
      _mm256_mask_storeu_epi8(out, first_mask, _mm512_castsi512_si256(q));
      _mm256_mask_storeu_epi8(out + second, second_mask, _mm512_extracti64x4_epi64(q, 1));
    }
  };
};

bool keeps_bounds(const octet::DepthwiseQ8Band& g) {
  return g.qmin == 0 && g.qmax == 255 && g.out_flip == 0 && g.clamp_first == 0;
}

void octet_depthwise_u8s8u8_2x32__avx512vnni(const octet::DepthwiseQ8Band& g) {
  if (keeps_bounds(g)) return depthwise_q8<ZmmPairPlain>(g);
  depthwise_q8<ZmmPair>(g);
}

void octet_depthwise_u8s8u8_64__avx512vnni(const octet::DepthwiseQ8Band& g) {
  if (g.columns == 64 && keeps_bounds(g)) return depthwise_q8<ZmmPlain>(g);
  depthwise_q8<Zmm>(g);
}

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__avx512vnni = {octet_depthwise_u8s8u8_64__avx512vnni,
                                                                            octet_depthwise_u8s8u8_2x32__avx512vnni,
                                                                            {nullptr, 16, 4, 4, 1, nullptr},
                                                                            /*permuted=*/1};
