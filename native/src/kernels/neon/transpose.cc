#include <arm_neon.h>

#include "kernels/movement.h"

namespace {

template <typename T>
inline void scalar_block(const T* x, int64_t x_stride, int64_t rows, int64_t columns, T* out, int64_t out_stride) {
  for (int64_t c = 0; c < columns; c++) {
    for (int64_t r = 0; r < rows; r++) out[c * out_stride + r] = x[r * x_stride + c];
  }
}

// Three rounds of interleaving row i with row i + 4, as in the 16 x 16 block of x86.
inline void block_8x8(const uint8_t* x, int64_t x_stride, uint8_t* out, int64_t out_stride) {
  uint8x8_t a[8], b[8];
  for (int i = 0; i < 8; i++) a[i] = vld1_u8(x + i * x_stride);
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) {
      b[2 * i] = vzip1_u8(a[i], a[i + 4]);
      b[2 * i + 1] = vzip2_u8(a[i], a[i + 4]);
    }
    for (int i = 0; i < 8; i++) a[i] = b[i];
  }
  for (int i = 0; i < 8; i++) vst1_u8(out + i * out_stride, a[i]);
}

// Two rounds of the same with four rows.
inline void block_4x4(const uint32_t* x, int64_t x_stride, uint32_t* out, int64_t out_stride) {
  uint32x4_t a[4], b[4];
  for (int i = 0; i < 4; i++) a[i] = vld1q_u32(x + i * x_stride);
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < 2; i++) {
      b[2 * i] = vzip1q_u32(a[i], a[i + 2]);
      b[2 * i + 1] = vzip2q_u32(a[i], a[i + 2]);
    }
    for (int i = 0; i < 4; i++) a[i] = b[i];
  }
  for (int i = 0; i < 4; i++) vst1q_u32(out + i * out_stride, a[i]);
}

// Whole blocks, then the strips that are left.
template <int kSize, typename T, typename Block>
inline void transpose(const T* x, int64_t x_stride, int64_t rows, int64_t columns, T* out, int64_t out_stride,
                      const Block& block) {
  const int64_t whole_rows = rows - rows % kSize, whole_columns = columns - columns % kSize;
  for (int64_t c = 0; c < whole_columns; c += kSize) {
    for (int64_t r = 0; r < whole_rows; r += kSize)
      block(x + r * x_stride + c, x_stride, out + c * out_stride + r, out_stride);
  }
  scalar_block(x + whole_rows * x_stride, x_stride, rows - whole_rows, whole_columns, out + whole_rows, out_stride);
  scalar_block(x + whole_columns, x_stride, rows, columns - whole_columns, out + whole_columns * out_stride,
               out_stride);
}

void octet_transpose_b8_8x8__neon(const uint8_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint8_t* out,
                                  int64_t out_stride) {
  transpose<8>(x, x_stride, rows, columns, out, out_stride, block_8x8);
}

void octet_transpose_b32_4x4__neon(const uint32_t* x, int64_t x_stride, int64_t rows, int64_t columns, uint32_t* out,
                                   int64_t out_stride) {
  transpose<4>(x, x_stride, rows, columns, out, out_stride, block_4x4);
}

}  // namespace

extern "C" const TransposeKernel octet_transpose__neon = {octet_transpose_b8_8x8__neon, octet_transpose_b32_4x4__neon};
