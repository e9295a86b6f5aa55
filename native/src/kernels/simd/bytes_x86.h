// Narrow registers of codes, for layers of few channels: part of the vector traits of x86.
#ifndef OCTET_KERNELS_SIMD_BYTES_X86_H_
#define OCTET_KERNELS_SIMD_BYTES_X86_H_

#include <immintrin.h>
#include <stdint.h>

namespace {

struct Bytes16 {
  static constexpr int kBytes = 16;
  using I = __m128i;
  static I load_bytes(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const I*>(p)); }
  static void store_bytes(uint8_t* p, I v) { _mm_storeu_si128(reinterpret_cast<I*>(p), v); }
  static I set_bytes(int8_t v) { return _mm_set1_epi8(v); }
  static I max_u8(I a, I b) { return _mm_max_epu8(a, b); }
  static I max_s8(I a, I b) { return _mm_max_epi8(a, b); }
};

struct Bytes8 : Bytes16 {
  static constexpr int kBytes = 8;
  static I load_bytes(const uint8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const I*>(p)); }
  static void store_bytes(uint8_t* p, I v) { _mm_storel_epi64(reinterpret_cast<I*>(p), v); }
};

}  // namespace

#endif  // OCTET_KERNELS_SIMD_BYTES_X86_H_
