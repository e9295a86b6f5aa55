// The vector traits of AVX-512 (F, BW, DQ, VL), for kernels/simd/*.inl.h: see avx2/vector.h.
#ifndef OCTET_KERNELS_AVX512VNNI_VECTOR_H_
#define OCTET_KERNELS_AVX512VNNI_VECTOR_H_

#include <immintrin.h>
#include <stdint.h>

#include "kernels/simd/bytes_x86.h"

#define OCTET_SYMBOL(name) octet_##name##_16__avx512vnni

namespace {

struct V : Bytes64 {
  static constexpr int kLanes = 16;

  static F load(const float* p) { return _mm512_loadu_ps(p); }
  static void store(float* p, F v) { _mm512_storeu_ps(p, v); }
  static F load_first(const float* p, int n, F fill) {
    return _mm512_mask_loadu_ps(fill, static_cast<__mmask16>((1u << n) - 1), p);
  }
  static void store_first(float* p, F v, int n) { _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), v); }
  static F div(F a, F b) { return _mm512_div_ps(a, b); }
  static F fma(F a, F b, F c) { return _mm512_fmadd_ps(a, b, c); }
  static F sqrt(F v) { return _mm512_sqrt_ps(v); }
  static F round_even(F v) { return _mm512_roundscale_ps(v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static F negate(F v) { return _mm512_xor_ps(v, set(-0.0f)); }
  static F abs(F v) { return _mm512_andnot_ps(set(-0.0f), v); }
  // x is not below 0.
  static F copy_sign(F x, F sign) { return _mm512_or_ps(x, _mm512_and_ps(set(-0.0f), sign)); }
  static F select_less(F a, F b, F x, F y) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ), y, x); }
  static F select_nan(F v, F x, F y) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q), y, x); }

  // Where a or b is NaN.
  using Mask = __mmask16;
  static Mask either_nan(F a, F b) { return _mm512_cmp_ps_mask(a, b, _CMP_UNORD_Q); }
  static Mask either(Mask a, Mask b) { return _kor_mask16(a, b); }
  static F select(Mask mask, F x, F y) { return _mm512_mask_blend_ps(mask, y, x); }

  using Bytes64::mul;
  static I mul(I a, I b) { return _mm512_mullo_epi32(a, b); }
  static I to_int(F v) { return _mm512_cvtps_epi32(v); }
  // 2^n, and x * 2^n where x and that are normal numbers above 0; n is 12582912 too large.
  static F power(F n) { return _mm512_castsi512_ps(add(exponent(n), set(127 << 23))); }
  static F scale(F x, F n) { return _mm512_castsi512_ps(add(_mm512_castps_si512(x), exponent(n))); }
  static I exponent(F n) { return _mm512_slli_epi32(_mm512_castps_si512(n), 23); }

  // The first n of kBytes codes, `fill` in the others; nothing else is read.
  static I load_bytes_first(const uint8_t* p, int64_t n, uint8_t fill) {
    return _mm512_mask_loadu_epi8(set_bytes(static_cast<int8_t>(fill)), (uint64_t{1} << n) - 1, p);
  }
  static I widen(const uint8_t* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
  }
  static I widen(const int8_t* p) { return _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  static I widen_first(const uint8_t* p, int n) {
    return _mm512_cvtepu8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p));
  }
  static I widen_first(const int8_t* p, int n) {
    return _mm512_cvtepi8_epi32(_mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << n) - 1), p));
  }
  static void store_codes_first(uint8_t* p, I v, int n) {
    _mm512_mask_cvtepi32_storeu_epi8(p, static_cast<__mmask16>((1u << n) - 1), v);
  }
  static void store_codes(uint8_t* p, I v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(v)); }

  // Words of four vectors, in halves of each 128-bit lane; what is not above lo becomes low, NaN too: it converts to the
  // smallest integer. The low bytes of words in that order.
  static I bounded_words(F a, F b, F, F hi, I low) {
    return _mm512_max_epi16(_mm512_packs_epi32(to_int(min(hi, a)), to_int(min(hi, b))), low);
  }
  static void store_low_bytes(uint8_t* p, I left, I right) {
    const I byte = set_words(0xFF), order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const I bytes = _mm512_packus_epi16(_mm512_and_si512(left, byte), _mm512_and_si512(right, byte));
    store_bytes(p, _mm512_permutexvar_epi32(order, bytes));
  }

  // A table of 256 floats. Their halves are looked up as words, 64 at once, of which the upper two bits pick one.
  struct Powers {
    static constexpr int kStep = 32;
    I low[8], high[8];

    explicit Powers(const float* table) {
      const I even = _mm512_set_epi16(62, 60, 58, 56, 54, 52, 50, 48, 46, 44, 42, 40, 38, 36, 34, 32, 30, 28, 26, 24,
                                      22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
#pragma GCC unroll 8
      for (int i = 0; i < 8; i++) {
        const I first = _mm512_loadu_si512(table + 32 * i), second = _mm512_loadu_si512(table + 32 * i + 16);
        low[i] = _mm512_permutex2var_epi16(first, even, second);
        high[i] = _mm512_permutex2var_epi16(first, add_words(even, set_words(1)), second);
      }
    }
    // Of kStep differences most - code, in the order of the codes.
    void look_up(const uint8_t* x, uint8_t most, F* out) const {
      const I codes = _mm512_cvtepu8_epi16(Bytes32::load_bytes(x));
      const I index =
          _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), sub_words(set_words(most), codes));
      const __mmask32 odd = _mm512_test_epi16_mask(index, set_words(64));
      const __mmask32 upper = _mm512_test_epi16_mask(index, set_words(128));
      const I l = pick(low, index, odd, upper), h = pick(high, index, odd, upper);
      out[0] = _mm512_castsi512_ps(_mm512_unpacklo_epi16(l, h));
      out[1] = _mm512_castsi512_ps(_mm512_unpackhi_epi16(l, h));
    }

   private:
    static I pick(const I* table, I index, __mmask32 odd, __mmask32 upper) {
      I part[4];
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) part[i] = _mm512_permutex2var_epi16(table[2 * i], index, table[2 * i + 1]);
      return _mm512_mask_blend_epi16(upper, _mm512_mask_blend_epi16(odd, part[0], part[1]),
                                     _mm512_mask_blend_epi16(odd, part[2], part[3]));
    }
  };

  // Adds four neighbouring codes to each lane of the sum, and their squares to the lanes of the other two.
  static void add_fours(I codes, I* sum, I* even, I* odd_) {
    const I low = _mm512_and_si512(codes, set_words(0xFF)), high = odd(codes);
    *sum = _mm512_dpbusd_epi32(*sum, codes, set_bytes(1));
    *even = _mm512_dpwssd_epi32(*even, low, low);
    *odd_ = _mm512_dpwssd_epi32(*odd_, high, high);
  }
  // Of lanes without a sign.
  static int64_t total(I v) {
    const I low = _mm512_and_si512(v, _mm512_set1_epi64(0xFFFFFFFF));
    return _mm512_reduce_add_epi64(_mm512_add_epi64(low, _mm512_srli_epi64(v, 32)));
  }

  static float min_lane(F v) { return _mm512_reduce_min_ps(v); }
  static float max_lane(F v) { return _mm512_reduce_max_ps(v); }
  static float sum_lanes(F v) {
    const __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
    __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
    q = _mm_add_ps(q, _mm_movehl_ps(q, q));
    return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
  }
};

// For layers of fewer channels than V has bytes.
using Half = Bytes32;

}  // namespace

#endif  // OCTET_KERNELS_AVX512VNNI_VECTOR_H_
