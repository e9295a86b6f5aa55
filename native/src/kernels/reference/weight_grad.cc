#include "kernels/weight_grad.h"

#include "kernels/scalar.h"

namespace {

void octet_weight_grad_dense_f32_1__reference(const OctetPixelArea* a, int64_t outputs, int64_t inputs, float* sum,
                                              int64_t stride) {
  for (int64_t i = 0; i < outputs; i++) {
    for (int64_t j = 0; j < inputs; j++) {
      float acc = sum[i * stride + j];
      for (int64_t r = 0; r < a->rows; r++) {
        for (int64_t c = 0; c < a->columns; c++) {
          acc = scalar::fma(a->g[r * a->g_row + c * a->g_column + i], a->x[r * a->x_row + c * a->x_column + j], acc);
        }
      }
      sum[i * stride + j] = acc;
    }
  }
}

void octet_weight_grad_depthwise_f32_1__reference(const OctetPixelArea* a, int64_t channels, float* sum) {
  for (int64_t j = 0; j < channels; j++) {
    float acc = sum[j];
    for (int64_t r = 0; r < a->rows; r++) {
      for (int64_t c = 0; c < a->columns; c++) {
        acc = scalar::fma(a->g[r * a->g_row + c * a->g_column + j], a->x[r * a->x_row + c * a->x_column + j], acc);
      }
    }
    sum[j] = acc;
  }
}

}  // namespace

extern "C" const WeightGradKernel octet_weight_grad__reference = {octet_weight_grad_dense_f32_1__reference,
                                                                  octet_weight_grad_depthwise_f32_1__reference};
