// The vector traits of AVX2, for kernels/simd/*.inl.h. Every operation is one rounded step; max and min are x86's:
// max(a, b) = a > b ? a : b, so that b stands when one is NaN.
#ifndef OCTET_KERNELS_AVX2_VECTOR_H_
#define OCTET_KERNELS_AVX2_VECTOR_H_

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/simd/bytes_x86.h"

#define OCTET_SYMBOL(name) octet_##name##_8__avx2

namespace {

struct V : Bytes32 {
  static constexpr int kLanes = 8;

  static F load(const float* p) { return _mm256_loadu_ps(p); }
  static void store(float* p, F v) { _mm256_storeu_ps(p, v); }
  // The first n of kLanes, `fill` in the others; nothing else is read or written.
  static F load_first(const float* p, int n, F fill) {
    const I mask = first(n);
    return _mm256_blendv_ps(fill, _mm256_maskload_ps(p, mask), _mm256_castsi256_ps(mask));
  }
  static void store_first(float* p, F v, int n) { _mm256_maskstore_ps(p, first(n), v); }
  static F div(F a, F b) { return _mm256_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm256_fmadd_ps(a, b, c); }
  static F sqrt(F v) { return _mm256_sqrt_ps(v); }
  static F round_even(F v) { return _mm256_round_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static F negate(F v) { return _mm256_xor_ps(v, set(-0.0f)); }
  static F abs(F v) { return _mm256_andnot_ps(set(-0.0f), v); }
  // x is not below 0.
  static F copy_sign(F x, F sign) { return _mm256_or_ps(x, _mm256_and_ps(set(-0.0f), sign)); }
  // a < b ? x : y; false for NaN.
  static F select_less(F a, F b, F x, F y) { return _mm256_blendv_ps(y, x, _mm256_cmp_ps(a, b, _CMP_LT_OQ)); }
  // v is NaN ? x : y
  static F select_nan(F v, F x, F y) { return _mm256_blendv_ps(y, x, _mm256_cmp_ps(v, v, _CMP_UNORD_Q)); }

  // Where a or b is NaN.
  using Mask = F;
  static Mask either_nan(F a, F b) { return _mm256_cmp_ps(a, b, _CMP_UNORD_Q); }
  static Mask either(Mask a, Mask b) { return _mm256_or_ps(a, b); }
  static F select(Mask mask, F x, F y) { return _mm256_blendv_ps(y, x, mask); }

  using Bytes32::mul;
  static I mul(I a, I b) { return _mm256_mullo_epi32(a, b); }
  static I to_int(F v) { return _mm256_cvtps_epi32(v); }
  // 2^n, and x * 2^n where x and that are normal numbers above 0; n is 12582912 too large.
  static F power(F n) { return _mm256_castsi256_ps(add(exponent(n), set(127 << 23))); }
  static F scale(F x, F n) { return _mm256_castsi256_ps(add(_mm256_castps_si256(x), exponent(n))); }
  static I exponent(F n) { return _mm256_slli_epi32(_mm256_castps_si256(n), 23); }

  // The first n of kBytes codes, `fill` in the others; nothing else is read.
  static I load_bytes_first(const uint8_t* p, int64_t n, uint8_t fill) {
    uint8_t codes[kBytes];
    store_bytes(codes, set_bytes(static_cast<int8_t>(fill)));
    __builtin_memcpy(codes, p, static_cast<size_t>(n));
    return load_bytes(codes);
  }
  // kLanes codes, widened.
  static I widen(const uint8_t* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
  }
  static I widen(const int8_t* p) { return _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))); }
  // The first n of kLanes codes, widened, 0 in the others.
  template <typename T>
  static I widen_first(const T* p, int n) {
    T codes[kLanes] = {};
    for (int i = 0; i < n; i++) codes[i] = p[i];
    return widen(codes);
  }
  // Words of four vectors, in halves of each 128-bit lane, at least low, which is lo; NaN becomes low: it converts to the
  // smallest integer. The low bytes of words in that order.
  static I bounded_words(F a, F b, F, F hi, I low) {
    return _mm256_max_epi16(_mm256_packs_epi32(to_int(min(hi, a)), to_int(min(hi, b))), low);
  }
  static void store_low_bytes(uint8_t* p, I left, I right) {
    const I byte = set_words(0xFF), order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    const I bytes = _mm256_packus_epi16(_mm256_and_si256(left, byte), _mm256_and_si256(right, byte));
    store_bytes(p, _mm256_permutevar8x32_epi32(bytes, order));
  }
  static void store_codes_first(uint8_t* p, I v, int n) {
    uint8_t codes[kLanes];
    store_codes(codes, v);
    for (int i = 0; i < n; i++) p[i] = codes[i];
  }
  static void store_codes(uint8_t* p, I v) {
    const __m128i words = _mm_packus_epi32(_mm256_castsi256_si128(_mm256_and_si256(v, set(0xFF))),
                                           _mm256_extracti128_si256(_mm256_and_si256(v, set(0xFF)), 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packus_epi16(words, words));
  }

  // A table of 256 floats.
  struct Powers {
    static constexpr int kStep = 16;
    const float* table;

    explicit Powers(const float* from) : table(from) {}
    // Of kStep differences most - code, in the order of the codes.
    void look_up(const uint8_t* x, uint8_t most, F* out) const {
      const auto power = [&](int i) { return table[static_cast<uint8_t>(most - x[i])]; };
      const auto eight = [&](int i) {
        return _mm256_setr_ps(power(i), power(i + 1), power(i + 2), power(i + 3), power(i + 4), power(i + 5),
                              power(i + 6), power(i + 7));
      };
      out[0] = eight(0);
      out[1] = eight(8);
    }
  };

  // Adds four neighbouring codes to each lane of the sum, and their squares to the lanes of the other two.
  static void add_fours(I codes, I* sum, I* even, I* odd_) {
    const I low = _mm256_and_si256(codes, set_words(0xFF)), high = odd(codes);
    const I pairs = _mm256_maddubs_epi16(codes, set_bytes(1));
    *sum = add(*sum, _mm256_madd_epi16(pairs, set_words(1)));
    *even = add(*even, _mm256_madd_epi16(low, low));
    *odd_ = add(*odd_, _mm256_madd_epi16(high, high));
  }
  // Of lanes without a sign.
  static int64_t total(I v) {
    const I low = _mm256_and_si256(v, _mm256_set1_epi64x(0xFFFFFFFF));
    const I both = _mm256_add_epi64(low, _mm256_srli_epi64(v, 32));
    const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1));
    return _mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
  }

  // Across the lanes.
  static float min_lane(F v) {
    __m128 h = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    h = _mm_min_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_min_ss(h, _mm_movehdup_ps(h)));
  }
  static float max_lane(F v) {
    __m128 h = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    h = _mm_max_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_max_ss(h, _mm_movehdup_ps(h)));
  }
  // The upper half to the lower, until one is left.
  static float sum_lanes(F v) {
    __m128 h = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    h = _mm_add_ps(h, _mm_movehl_ps(h, h));
    return _mm_cvtss_f32(_mm_add_ss(h, _mm_movehdup_ps(h)));
  }

 private:
  static I first(int n) { return _mm256_cmpgt_epi32(set(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7)); }
};

// For layers of fewer channels than V has bytes.
using Half = Bytes16;

}  // namespace

#endif  // OCTET_KERNELS_AVX2_VECTOR_H_
