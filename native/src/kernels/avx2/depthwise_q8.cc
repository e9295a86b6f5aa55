// 8-bit depthwise convolution with vpmaddwd: blocks of 16 channels, pairs of two rows, widened to s16.
#include <immintrin.h>

#include "kernels/avx2/store_q8.h"
#include "kernels/simd/depthwise_q8.inl.h"

namespace {

struct Ymm {
  using I = __m256i;
  using Row = __m128i;
  static constexpr int kAcc = 2, kRows = 2, kPair = 1;
  static constexpr bool kHoldWeights = false, kOwn3x3 = false;
  static I set_bytes(uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
  static I set_pad(uint32_t x) { return _mm256_set1_epi16(static_cast<short>(x & 0xFF)); }
  static Row load_row(const uint8_t* const* row, int, int64_t at, I flip) {
    return _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(*row + at)), _mm256_castsi256_si128(flip));
  }
  static Row fill_row(Row) { return _mm_setzero_si128(); }
  static void interleave(const Row* r, I* pairs) {
    pairs[0] = _mm256_cvtepu8_epi16(_mm_unpacklo_epi8(r[0], r[1]));
    pairs[1] = _mm256_cvtepu8_epi16(_mm_unpackhi_epi8(r[0], r[1]));
  }
  static I load_start(const int32_t* start, int v) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(start + 8 * v));
  }
  static I load_weights(const uint8_t* w, int i) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 32 * i));
  }
  static I add_products(I acc, I pair, I w) { return _mm256_add_epi32(acc, _mm256_madd_epi16(pair, w)); }
  struct Store {
    Requantizer<2> requantizer;
    Store(const octet::DepthwiseQ8Band& g, bool) : requantizer(g) {}
    void operator()(const I* acc, uint8_t* out) const { store_q8<2, false>(requantizer, acc, out); }
  };
};

void octet_depthwise_u8s8u8_16__avx2(const octet::DepthwiseQ8Band& g) { depthwise_q8<Ymm>(g); }

}  // namespace

extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__avx2 = {
    octet_depthwise_u8s8u8_16__avx2, 1, {nullptr, 8, 2, 2, 2, nullptr}, /*permuted=*/0};
