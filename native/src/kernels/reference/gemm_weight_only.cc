#include "kernels/scalar.h"
#include "kernels/weight_only.h"

namespace {

template <int kBits>
void octet_gemm_weight_only_1__reference(const octet::WeightOnlyBand& g) {
  for (int32_t m = 0; m < g.rows; m++) {
    for (int32_t c = 0; c < g.columns; c++) {
      const float* x = g.a + m * g.a_stride;
      const uint8_t* w = g.panel + c;
      float y = 0;
      for (int32_t group = 0; group < g.groups; group++) {
        float p = 0;
        for (int32_t k = 0; k < g.group_steps; k++) {
          const int8_t code = static_cast<int8_t>(*w);
          if (kBits == 8) {
            p = scalar::fma(*x++, static_cast<float>(code), p);
          } else {
            p = scalar::fma(*x++, static_cast<float>(static_cast<int8_t>(code * 16) >> 4), p);
            p = scalar::fma(*x++, static_cast<float>(code >> 4), p);
          }
          w += g.vectors;
        }
        y = scalar::fma(p, g.scale[group * g.scale_stride + c], y);
      }
      if (g.bias != nullptr) y = y + g.bias[c];
      g.out[m * g.out_stride + c] = scalar::clamp(y, g.lo, g.hi);
    }
  }
}

}  // namespace

extern "C" const octet::WeightOnlyKernel octet_gemm_weight_only__reference = {
    octet_gemm_weight_only_1__reference<8>, octet_gemm_weight_only_1__reference<4>, /*lanes=*/1, /*max_vectors=*/4};
