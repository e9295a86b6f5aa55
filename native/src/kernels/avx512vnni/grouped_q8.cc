// 8-bit convolution in groups of few channels with vpdpbusd: blocks of 64 channels.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"  // of g++ 12 about its own intrinsics
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

#include "kernels/avx512vnni/store_q8.h"
#include "kernels/simd/grouped_q8.inl.h"

namespace {

// kPlain: u8 in, u8 out with all its codes, whose bounds the packs keep.
template <bool kPlain>
struct Zmm {
  using I = __m512i;
  static constexpr int kBytes = 64, kPixels = 4, kMaxQuads = 8;
  static constexpr bool kByColumns = true;
  static I splat(uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
  static I load(const uint8_t* from) { return _mm512_loadu_si512(from); }
  static void store_bytes(uint8_t* to, I x) { _mm512_storeu_si512(to, x); }
  static I flip(I x, const I* mask) { return kPlain ? x : _mm512_xor_si512(x, *mask); }
  static I load_start(const int32_t* start, int k) { return _mm512_loadu_si512(start + 16 * k); }
  static I load_weights(const uint8_t* w, int i) { return _mm512_loadu_si512(w + 64 * i); }
  static I exchange(I x, int r) {
    if (r >= 4) x = _mm512_shuffle_i64x2(x, x, _MM_SHUFFLE(2, 3, 0, 1));
    switch (r % 4) {
      case 1:
        return _mm512_shuffle_epi32(x, _MM_PERM_CDAB);
      case 2:
        return _mm512_shuffle_epi32(x, _MM_PERM_BADC);
      case 3:
        return _mm512_shuffle_epi32(x, _MM_PERM_ABCD);
      default:
        return x;
    }
  }
  static I add_products(I acc, I x, I w) { return _mm512_dpbusd_epi32(acc, x, w); }
  struct Store {
    Requantizer<4> requantizer;
    __m512i order;  // of the bytes that the packs leave
    __mmask64 mask;
    float bounds[2];
    bool clamp_first;
    explicit Store(const octet::GroupedQ8Band& g)
        : requantizer(g),
          order(_mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15))),
          mask(~0ull >> (64 - g.columns)),
          bounds{static_cast<float>(g.qmin - g.zero_point), static_cast<float>(g.qmax - g.zero_point)},
          clamp_first(g.clamp_first != 0) {}
    __attribute__((always_inline)) void operator()(const I* acc, uint8_t* out) const {
      const Store* end = this;
      OCTET_OPAQUE(end);
      const I q = requantize<4, kPlain>(end->requantizer, acc, !kPlain && clamp_first ? bounds : nullptr);
      _mm512_mask_storeu_epi8(out, mask, _mm512_shuffle_epi8(q, end->order));
    }
  };
};

void octet_grouped_u8s8u8_64__avx512vnni(const octet::GroupedQ8Band& g) {
  const bool plain = g.qmin == 0 && g.qmax == 255 && g.out_flip == 0 && g.flip == 0 && g.clamp_first == 0;
  plain ? grouped_q8<Zmm<true>>(g) : grouped_q8<Zmm<false>>(g);
}

}  // namespace

extern "C" const octet::GroupedQ8Kernel octet_grouped_q8__avx512vnni = {octet_grouped_u8s8u8_64__avx512vnni,
                                                                        /*lanes=*/16,
                                                                        Zmm<true>::kMaxQuads,
                                                                        /*signed_a=*/0,
                                                                        kColumns,
                                                                        kMaxRows,
                                                                        kMaxStride};
