// Registers of codes on x86, 8 to 64 bytes wide: part of the vector traits.
#ifndef OCTET_KERNELS_SIMD_BYTES_X86_H_
#define OCTET_KERNELS_SIMD_BYTES_X86_H_

#include <immintrin.h>
#include <stdint.h>

namespace {

// Besides whole bytes there are words of 16 bits, each of an even byte and the odd one above it. Words become floats, and
// numbers words again, in halves of each 128-bit lane, so that no order is lost on the way.
struct Bytes16 {
  static constexpr int kBytes = 16;
  using I = __m128i;
  using F = __m128;
  static I load_bytes(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const I*>(p)); }
  static void store_bytes(uint8_t* p, I v) { _mm_storeu_si128(reinterpret_cast<I*>(p), v); }
  static I set_bytes(int8_t v) { return _mm_set1_epi8(v); }
  static I flip(I v) { return _mm_xor_si128(v, set_bytes(-128)); }
  static I max_u8(I a, I b) { return _mm_max_epu8(a, b); }
  static I max_s8(I a, I b) { return _mm_max_epi8(a, b); }
  static I add_bytes(I a, I b) { return _mm_add_epi8(a, b); }

  static I set_words(int16_t v) { return _mm_set1_epi16(v); }
  static I add_words(I a, I b) { return _mm_add_epi16(a, b); }
  static I sub_words(I a, I b) { return _mm_sub_epi16(a, b); }
  static I clamp_words(I v, I lo, I hi) { return _mm_min_epi16(_mm_max_epi16(v, lo), hi); }
  static I odd(I v) { return _mm_srli_epi16(v, 8); }
  static I to_odd(I v) { return _mm_slli_epi16(v, 8); }
  static I merge(I even, I odd) { return _mm_blendv_epi8(to_odd(odd), even, set_words(0x00FF)); }

  // 2^23 + word, as a float; word and number without a sign.
  static F low_floats(I words) { return _mm_castsi128_ps(_mm_unpacklo_epi16(words, set_words(0x4B00))); }
  static F high_floats(I words) { return _mm_castsi128_ps(_mm_unpackhi_epi16(words, set_words(0x4B00))); }
  static I low_numbers(I words) { return _mm_unpacklo_epi16(words, _mm_setzero_si128()); }
  static I high_numbers(I words) { return _mm_unpackhi_epi16(words, _mm_setzero_si128()); }
  static I to_words(F low, F high) { return _mm_packs_epi32(_mm_cvtps_epi32(low), _mm_cvtps_epi32(high)); }

  static F set(float v) { return _mm_set1_ps(v); }
  static F add(F a, F b) { return _mm_add_ps(a, b); }
  static F sub(F a, F b) { return _mm_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm_mul_ps(a, b); }
  static F max(F a, F b) { return _mm_max_ps(a, b); }
  static F min(F a, F b) { return _mm_min_ps(a, b); }
  static I set(int32_t v) { return _mm_set1_epi32(v); }
  static I add(I a, I b) { return _mm_add_epi32(a, b); }
  static I sub(I a, I b) { return _mm_sub_epi32(a, b); }
  static F to_float(I v) { return _mm_cvtepi32_ps(v); }
};

// Across the lanes.
[[maybe_unused]] inline uint8_t largest_u8(__m128i v) {
  v = _mm_max_epu8(v, _mm_srli_si128(v, 8));
  v = _mm_max_epu8(v, _mm_srli_si128(v, 4));
  v = _mm_max_epu8(v, _mm_srli_si128(v, 2));
  return static_cast<uint8_t>(_mm_cvtsi128_si32(_mm_max_epu8(v, _mm_srli_si128(v, 1))));
}
[[maybe_unused]] inline uint8_t largest_u8(__m256i v) {
  return largest_u8(_mm_max_epu8(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1)));
}
#ifdef __AVX512BW__
[[maybe_unused]] inline uint8_t largest_u8(__m512i v) {
  return largest_u8(_mm256_max_epu8(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1)));
}
#endif

struct Bytes8 : Bytes16 {
  static constexpr int kBytes = 8;
  static I load_bytes(const uint8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const I*>(p)); }
  static void store_bytes(uint8_t* p, I v) { _mm_storel_epi64(reinterpret_cast<I*>(p), v); }
};

struct Bytes32 {
  static constexpr int kBytes = 32;
  using I = __m256i;
  using F = __m256;
  static I load_bytes(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const I*>(p)); }
  static void store_bytes(uint8_t* p, I v) { _mm256_storeu_si256(reinterpret_cast<I*>(p), v); }
  static I set_bytes(int8_t v) { return _mm256_set1_epi8(v); }
  static I flip(I v) { return _mm256_xor_si256(v, set_bytes(-128)); }
  static I max_u8(I a, I b) { return _mm256_max_epu8(a, b); }
  static I max_s8(I a, I b) { return _mm256_max_epi8(a, b); }
  static I add_bytes(I a, I b) { return _mm256_add_epi8(a, b); }

  static I set_words(int16_t v) { return _mm256_set1_epi16(v); }
  static I add_words(I a, I b) { return _mm256_add_epi16(a, b); }
  static I sub_words(I a, I b) { return _mm256_sub_epi16(a, b); }
  static I clamp_words(I v, I lo, I hi) { return _mm256_min_epi16(_mm256_max_epi16(v, lo), hi); }
  static I odd(I v) { return _mm256_srli_epi16(v, 8); }
  static I to_odd(I v) { return _mm256_slli_epi16(v, 8); }
  static I merge(I even, I odd) { return _mm256_blendv_epi8(to_odd(odd), even, set_words(0x00FF)); }

  // 2^23 + word, as a float; word and number without a sign.
  static F low_floats(I words) { return _mm256_castsi256_ps(_mm256_unpacklo_epi16(words, set_words(0x4B00))); }
  static F high_floats(I words) { return _mm256_castsi256_ps(_mm256_unpackhi_epi16(words, set_words(0x4B00))); }
  static I low_numbers(I words) { return _mm256_unpacklo_epi16(words, _mm256_setzero_si256()); }
  static I high_numbers(I words) { return _mm256_unpackhi_epi16(words, _mm256_setzero_si256()); }
  static I to_words(F low, F high) { return _mm256_packs_epi32(_mm256_cvtps_epi32(low), _mm256_cvtps_epi32(high)); }

  static F set(float v) { return _mm256_set1_ps(v); }
  static F add(F a, F b) { return _mm256_add_ps(a, b); }
  static F sub(F a, F b) { return _mm256_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm256_mul_ps(a, b); }
  static F max(F a, F b) { return _mm256_max_ps(a, b); }
  static F min(F a, F b) { return _mm256_min_ps(a, b); }
  static I set(int32_t v) { return _mm256_set1_epi32(v); }
  static I add(I a, I b) { return _mm256_add_epi32(a, b); }
  static I sub(I a, I b) { return _mm256_sub_epi32(a, b); }
  static F to_float(I v) { return _mm256_cvtepi32_ps(v); }
};

#ifdef __AVX512BW__
struct Bytes64 {
  static constexpr int kBytes = 64;
  using I = __m512i;
  using F = __m512;
  static I load_bytes(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static void store_bytes(uint8_t* p, I v) { _mm512_storeu_si512(p, v); }
  static I set_bytes(int8_t v) { return _mm512_set1_epi8(v); }
  static I flip(I v) { return _mm512_xor_si512(v, set_bytes(-128)); }
  static I max_u8(I a, I b) { return _mm512_max_epu8(a, b); }
  static I max_s8(I a, I b) { return _mm512_max_epi8(a, b); }
  static I add_bytes(I a, I b) { return _mm512_add_epi8(a, b); }

  static I set_words(int16_t v) { return _mm512_set1_epi16(v); }
  static I add_words(I a, I b) { return _mm512_add_epi16(a, b); }
  static I sub_words(I a, I b) { return _mm512_sub_epi16(a, b); }
  static I clamp_words(I v, I lo, I hi) { return _mm512_min_epi16(_mm512_max_epi16(v, lo), hi); }
  static I odd(I v) { return _mm512_srli_epi16(v, 8); }
  static I to_odd(I v) { return _mm512_slli_epi16(v, 8); }
  static I merge(I even, I odd) { return _mm512_ternarylogic_epi32(set_words(0x00FF), even, to_odd(odd), 0xCA); }

  // 2^23 + word, as a float; word and number without a sign.
  static F low_floats(I words) { return _mm512_castsi512_ps(_mm512_unpacklo_epi16(words, set_words(0x4B00))); }
  static F high_floats(I words) { return _mm512_castsi512_ps(_mm512_unpackhi_epi16(words, set_words(0x4B00))); }
  static I low_numbers(I words) { return _mm512_unpacklo_epi16(words, _mm512_setzero_si512()); }
  static I high_numbers(I words) { return _mm512_unpackhi_epi16(words, _mm512_setzero_si512()); }
  static I to_words(F low, F high) { return _mm512_packs_epi32(_mm512_cvtps_epi32(low), _mm512_cvtps_epi32(high)); }

  static F set(float v) { return _mm512_set1_ps(v); }
  static F add(F a, F b) { return _mm512_add_ps(a, b); }
  static F sub(F a, F b) { return _mm512_sub_ps(a, b); }
  static F mul(F a, F b) { return _mm512_mul_ps(a, b); }
  static F max(F a, F b) { return _mm512_max_ps(a, b); }
  static F min(F a, F b) { return _mm512_min_ps(a, b); }
  static I set(int32_t v) { return _mm512_set1_epi32(v); }
  static I add(I a, I b) { return _mm512_add_epi32(a, b); }
  static I sub(I a, I b) { return _mm512_sub_epi32(a, b); }
  static F to_float(I v) { return _mm512_cvtepi32_ps(v); }
};
#endif

}  // namespace

#endif  // OCTET_KERNELS_SIMD_BYTES_X86_H_
