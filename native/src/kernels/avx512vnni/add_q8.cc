#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"

namespace {

// Where t cannot leave the int32 range it is converted before it is clamped: the saturating packs clamp to the codes, and
// what is left are bounds within them. A code becomes a float without a conversion: as the low byte of 2^23, which is then
// taken off together with the zero point. Codes of s8 are 128 larger on the way in.
template <bool kSigned>
void octet_add_q8_64__avx512vnni(const uint8_t* a, const uint8_t* b, int64_t n, const OctetAddParams* p, uint8_t* out) {
  const double sum = 255.0 * (__builtin_fabs(static_cast<double>(p->scale_a)) + __builtin_fabs(p->scale_b));
  if (!(sum < 3e38 && sum * __builtin_fabs(static_cast<double>(p->inv_out_scale)) < 2147480000.0)) {
    return kSigned ? add_q8<int8_t>(a, b, n, p, out) : add_q8<uint8_t>(a, b, n, p, out);
  }
  constexpr int32_t kShift = kSigned ? 128 : 0;
  const __m512i flip = V::set_bytes(static_cast<int8_t>(0x80)), magic = V::set(0x4B000000);
  const V::F zero_a = V::set(8388608.0f + static_cast<float>(p->zero_point_a + kShift));
  const V::F zero_b = V::set(8388608.0f + static_cast<float>(p->zero_point_b + kShift));
  const V::F scale_a = V::set(p->scale_a), scale_b = V::set(p->scale_b), inverse = V::set(p->inv_out_scale);
  const __m512i zero_point = _mm512_set1_epi16(static_cast<int16_t>(p->zero_point));
  const __m512i low = V::set_bytes(static_cast<int8_t>(static_cast<int32_t>(p->lo) + p->zero_point));
  const __m512i high = V::set_bytes(static_cast<int8_t>(static_cast<int32_t>(p->hi) + p->zero_point));
  // Register i takes codes 4i .. 4i + 3 of every lane, which is the order that the packs undo.
  const __m512i first = _mm512_broadcast_i32x4(_mm_setr_epi32(0, 1, 2, 3));
  const __m512i places[4] = {first, V::add(first, V::set(4)), V::add(first, V::set(8)), V::add(first, V::set(12))};
  const auto real = [&](__m512i codes, int i, V::F zero, V::F scale) {
    const __m512i bits = _mm512_mask_shuffle_epi8(magic, 0x1111111111111111u, codes, places[i]);
    return V::mul(V::sub(_mm512_castsi512_ps(bits), zero), scale);
  };
  for_blocks(a, b, n, out, [&](const uint8_t* from_a, const uint8_t* from_b, uint8_t* to) {
    __m512i x = V::load_bytes(from_a), y = V::load_bytes(from_b), t[4];
    if (kSigned) {
      x = _mm512_xor_si512(x, flip);
      y = _mm512_xor_si512(y, flip);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
      t[i] = V::to_int(V::mul(V::add(real(x, i, zero_a, scale_a), real(y, i, zero_b, scale_b)), inverse));
    }
    const __m512i left = _mm512_adds_epi16(_mm512_packs_epi32(t[0], t[1]), zero_point);
    const __m512i right = _mm512_adds_epi16(_mm512_packs_epi32(t[2], t[3]), zero_point);
    if (kSigned) {
      V::store_bytes(to, _mm512_min_epi8(V::max_s8(_mm512_packs_epi16(left, right), low), high));
    } else {
      V::store_bytes(to, _mm512_min_epu8(V::max_u8(_mm512_packus_epi16(left, right), low), high));
    }
  });
}

}  // namespace

extern "C" const AddQ8Kernel octet_add_q8__avx512vnni = {octet_add_q8_64__avx512vnni<false>,
                                                         octet_add_q8_64__avx512vnni<true>};
