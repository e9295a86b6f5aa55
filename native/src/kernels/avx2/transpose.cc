#include <immintrin.h>

#include "kernels/movement.h"

namespace {

template <typename T>
inline void scalar_block(const T* x, int64_t x_stride, int64_t rows, int64_t columns, T* out, int64_t out_stride) {
  for (int64_t c = 0; c < columns; c++) {
    for (int64_t r = 0; r < rows; r++) out[c * out_stride + r] = x[r * x_stride + c];
  }
}

// Four rounds of interleaving row i with row i + 8: after each, one more bit of the row number has moved into the
// column.
inline void block_16x16(const uint8_t* x, int64_t x_stride, uint8_t* out, int64_t out_stride) {
  __m128i a[16], b[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) a[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + i * x_stride));
#pragma GCC unroll 4
  for (int round = 0; round < 4; round++) {
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
      b[2 * i] = _mm_unpacklo_epi8(a[i], a[i + 8]);
      b[2 * i + 1] = _mm_unpackhi_epi8(a[i], a[i + 8]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) a[i] = b[i];
  }
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i * out_stride), a[i]);
}

// Pairs of rows, pairs of pairs, then the two halves.
inline void block_8x8(const uint32_t* x, int64_t x_stride, uint32_t* out, int64_t out_stride) {
  __m256 a[8], b[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) a[i] = _mm256_loadu_ps(reinterpret_cast<const float*>(x + i * x_stride));
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    b[i] = _mm256_unpacklo_ps(a[i], a[i + 1]);
    b[i + 1] = _mm256_unpackhi_ps(a[i], a[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < 8; i += 4) {
    a[i] = _mm256_shuffle_ps(b[i], b[i + 2], 0x44);
    a[i + 1] = _mm256_shuffle_ps(b[i], b[i + 2], 0xEE);
    a[i + 2] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0x44);
    a[i + 3] = _mm256_shuffle_ps(b[i + 1], b[i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    float* const to = reinterpret_cast<float*>(out);
    _mm256_storeu_ps(to + i * out_stride, _mm256_permute2f128_ps(a[i], a[i + 4], 0x20));
    _mm256_storeu_ps(to + (i + 4) * out_stride, _mm256_permute2f128_ps(a[i], a[i + 4], 0x31));
  }
}

// Two, three or four rows, as the few channels of an image: the columns leave as they will lie together. A store of three
// rows' columns writes a little more than it should, into columns that come next; the last ones are left to the caller.
template <int kRows>
inline int64_t few_rows(const uint8_t* x, int64_t x_stride, int64_t columns, uint8_t* out) {
  const __m128i drop = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  int64_t c = 0;
  for (; c + 18 <= columns; c += 16) {
    __m128i row[4];
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      row[r] =
          r < kRows ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + r * x_stride + c)) : _mm_setzero_si128();
    }
    const __m128i ab[2] = {_mm_unpacklo_epi8(row[0], row[1]), _mm_unpackhi_epi8(row[0], row[1])};
    const __m128i cd[2] = {_mm_unpacklo_epi8(row[2], row[3]), _mm_unpackhi_epi8(row[2], row[3])};
#pragma GCC unroll 4
    for (int i = 0; i < (kRows == 2 ? 2 : 4); i++) {
      __m128i v = kRows == 2   ? ab[i]
                  : i % 2 == 0 ? _mm_unpacklo_epi16(ab[i / 2], cd[i / 2])
                               : _mm_unpackhi_epi16(ab[i / 2], cd[i / 2]);
      if (kRows == 3) v = _mm_shuffle_epi8(v, drop);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + kRows * c + i * (kRows == 3 ? 12 : 16)), v);
    }
  }
  return c;
}

template <int kRows>
inline int64_t few_rows(const uint32_t* x, int64_t x_stride, int64_t columns, uint32_t* out) {
  int64_t c = 0;
  for (; c + 5 <= columns; c += 4) {
    __m128i row[4];
#pragma GCC unroll 4
    for (int r = 0; r < 4; r++) {
      row[r] =
          r < kRows ? _mm_loadu_si128(reinterpret_cast<const __m128i*>(x + r * x_stride + c)) : _mm_setzero_si128();
    }
    const __m128i ab[2] = {_mm_unpacklo_epi32(row[0], row[1]), _mm_unpackhi_epi32(row[0], row[1])};
    const __m128i cd[2] = {_mm_unpacklo_epi32(row[2], row[3]), _mm_unpackhi_epi32(row[2], row[3])};
#pragma GCC unroll 4
    for (int i = 0; i < (kRows == 2 ? 2 : 4); i++) {
      const __m128i v = kRows == 2   ? ab[i]
                        : i % 2 == 0 ? _mm_unpacklo_epi64(ab[i / 2], cd[i / 2])
                                     : _mm_unpackhi_epi64(ab[i / 2], cd[i / 2]);
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out + kRows * c + i * (kRows == 3 ? 3 : 4)), v);
    }
  }
  return c;
}

// Whole blocks, then the strips that are left.
template <int kSize, typename T, typename Block>
inline void transpose(const T* x, int64_t x_stride, int64_t rows, int64_t columns, T* out, int64_t out_stride,
                      const Block& block) {
  if (rows > 1 && rows <= 4 && out_stride == rows) {
    const int64_t done = rows == 2   ? few_rows<2>(x, x_stride, columns, out)
                         : rows == 3 ? few_rows<3>(x, x_stride, columns, out)
                                     : few_rows<4>(x, x_stride, columns, out);
    return scalar_block(x + done, x_stride, rows, columns - done, out + done * rows, out_stride);
  }
  const int64_t whole_rows = rows - rows % kSize, whole_columns = columns - columns % kSize;
  for (int64_t c = 0; c < whole_columns; c += kSize) {
    for (int64_t r = 0; r < whole_rows; r += kSize)
      block(x + r * x_stride + c, x_stride, out + c * out_stride + r, out_stride);
  }
  scalar_block(x + whole_rows * x_stride, x_stride, rows - whole_rows, whole_columns, out + whole_rows, out_stride);
  scalar_block(x + whole_columns, x_stride, rows, columns - whole_columns, out + whole_columns * out_stride,
               out_stride);
}

void octet_transpose_b8_16x16__avx2(const uint8_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint8_t* out,
                                    int64_t out_stride) {
  transpose<16>(x, x_stride, rows, columns, out, out_stride, block_16x16);
}

void octet_transpose_b32_8x8__avx2(const uint32_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint32_t* out,
                                   int64_t out_stride) {
  transpose<8>(x, x_stride, rows, columns, out, out_stride, block_8x8);
}

}  // namespace

extern "C" const TransposeKernel octet_transpose__avx2 = {octet_transpose_b8_16x16__avx2,
                                                          octet_transpose_b32_8x8__avx2};
