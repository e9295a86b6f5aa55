// 8-bit convolution in groups of few channels with vpdpbusd on 256-bit registers, in the VEX encoding: blocks of 32
// channels. Compiled a second time by the test, as gemm_q8.cc is.
#include <immintrin.h>

#include "kernels/avx2/store_q8.h"
#include "kernels/avxvnni/products.h"
#include "kernels/simd/grouped_q8.inl.h"

namespace {

// kPlain: u8 in, u8 out with all its codes, whose bounds the packs keep.
template <bool kPlain>
struct Ymm {
  using I = __m256i;
  static constexpr int kBytes = 32, kPixels = 3, kMaxQuads = 8;
  static constexpr bool kByColumns = false;
  static I splat(uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
  static I load(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static void store_bytes(uint8_t* to, I x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x); }
  static I flip(I x, const I* mask) { return kPlain ? x : _mm256_xor_si256(x, *mask); }
  static I load_start(const int32_t* start, int k) { return load(reinterpret_cast<const uint8_t*>(start + 8 * k)); }
  static I load_weights(const uint8_t* w, int i) { return load(w + 32 * i); }
  static I exchange(I x, int r) {
    if (r >= 4) x = _mm256_permute4x64_epi64(x, _MM_SHUFFLE(1, 0, 3, 2));
    switch (r % 4) {
      case 1:
        return _mm256_shuffle_epi32(x, _MM_SHUFFLE(2, 3, 0, 1));
      case 2:
        return _mm256_shuffle_epi32(x, _MM_SHUFFLE(1, 0, 3, 2));
      case 3:
        return _mm256_shuffle_epi32(x, _MM_SHUFFLE(0, 1, 2, 3));
      default:
        return x;
    }
  }
  static I add_products(I acc, I x, I w) { return ::add_products(acc, x, w); }
  struct Store {
    __m256 multiplier[4];
    __m256i zero_point, lo, hi, flip;
    __m256i order;  // of the bytes that the packs leave
    float bounds[2];
    int columns;
    bool clamp_first;
    explicit Store(const octet::GroupedQ8Band& g)
        : zero_point(_mm256_set1_epi16(static_cast<short>(g.zero_point))),
          lo(_mm256_set1_epi8(static_cast<char>(g.qmin))),
          hi(_mm256_set1_epi8(static_cast<char>(g.qmax))),
          flip(_mm256_set1_epi8(static_cast<char>(g.out_flip))),
          order(_mm256_broadcastsi128_si256(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))),
          bounds{static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)},
          columns(g.columns),
          clamp_first(g.clamp_first != 0) {
      for (int k = 0; k < 4; ++k) multiplier[k] = _mm256_loadu_ps(g.multiplier + 8 * k);
    }
    __attribute__((always_inline)) void operator()(const I* acc, uint8_t* out) const {
      const Store* end = this;
      OCTET_OPAQUE(end);
      I t[4];
#pragma GCC unroll 4
      for (int k = 0; k < 4; ++k) {
        __m256 f = _mm256_mul_ps(_mm256_cvtepi32_ps(acc[k]), end->multiplier[k]);
        if (!kPlain && __builtin_expect(clamp_first, 0)) {
          f = _mm256_min_ps(_mm256_max_ps(f, _mm256_set1_ps(bounds[0])), _mm256_set1_ps(bounds[1]));
        }
        t[k] = _mm256_cvtps_epi32(f);
      }
      const I low = _mm256_adds_epi16(_mm256_packs_epi32(t[0], t[1]), end->zero_point);
      const I high = _mm256_adds_epi16(_mm256_packs_epi32(t[2], t[3]), end->zero_point);
      I q = _mm256_packus_epi16(low, high);
      if (!kPlain) q = _mm256_xor_si256(_mm256_min_epu8(_mm256_max_epu8(q, end->lo), end->hi), end->flip);
      q = _mm256_shuffle_epi8(q, end->order);
      if (columns == 32) {
        store_bytes(out, q);
      } else {
        store_part(q, columns, out);
      }
    }
  };
};

void octet_grouped_u8s8u8_32__avxvnni(const octet::GroupedQ8Band& g) {
  const bool plain = g.qmin == 0 && g.qmax == 255 && g.out_flip == 0 && g.flip == 0 && g.clamp_first == 0;
  plain ? grouped_q8<Ymm<true>>(g) : grouped_q8<Ymm<false>>(g);
}

}  // namespace

extern "C" const octet::GroupedQ8Kernel octet_grouped_q8__avxvnni = {octet_grouped_u8s8u8_32__avxvnni,
                                                                     /*lanes=*/8,
                                                                     Ymm<true>::kMaxQuads,
                                                                     /*signed_a=*/0,
                                                                     kColumns,
                                                                     kMaxRows,
                                                                     kMaxStride};
