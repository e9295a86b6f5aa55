// 256 entries in sixteen registers: tbl looks up 64 of them, an index beyond gives 0 (tbl) or leaves what was there
// (tbx).
#include <arm_neon.h>

#include "kernels/elementwise.h"

namespace {

void octet_lut_q8_16__neon(const uint8_t* x, int64_t rows, int64_t n, const uint8_t* table, uint8_t* out,
                           int64_t out_stride) {
  uint8x16x4_t part[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    part[i] = {{vld1q_u8(table + 64 * i), vld1q_u8(table + 64 * i + 16), vld1q_u8(table + 64 * i + 32),
                vld1q_u8(table + 64 * i + 48)}};
  }
  for (int64_t r = 0; r < rows; r++, x += n, out += out_stride) {
    int64_t i = 0;
    for (; i + 16 <= n; i += 16) {
      const uint8x16_t code = vld1q_u8(x + i);
      uint8x16_t y = vqtbl4q_u8(part[0], code);
      y = vqtbx4q_u8(y, part[1], vsubq_u8(code, vdupq_n_u8(64)));
      y = vqtbx4q_u8(y, part[2], vsubq_u8(code, vdupq_n_u8(128)));
      y = vqtbx4q_u8(y, part[3], vsubq_u8(code, vdupq_n_u8(192)));
      vst1q_u8(out + i, y);
    }
    for (; i < n; i++) out[i] = table[x[i]];
  }
}

}  // namespace

extern "C" const LutQ8Kernel octet_lut_q8__neon = {octet_lut_q8_16__neon};
