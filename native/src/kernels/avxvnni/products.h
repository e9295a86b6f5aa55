// vpdpbusd in the VEX encoding, or, where a test compiles for AVX-512, in the EVEX encoding.
#ifndef OCTET_KERNELS_AVXVNNI_PRODUCTS_H_
#define OCTET_KERNELS_AVXVNNI_PRODUCTS_H_

#include <immintrin.h>

namespace {

inline __m256i add_products(__m256i acc, __m256i quads, __m256i weights) {
#ifdef __AVX512VNNI__
  return _mm256_dpbusd_epi32(acc, quads, weights);
#else
  return _mm256_dpbusd_avx_epi32(acc, quads, weights);
#endif
}

}  // namespace

#endif  // OCTET_KERNELS_AVXVNNI_PRODUCTS_H_
