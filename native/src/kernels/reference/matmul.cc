#include "kernels/matmul.h"

#include "kernels/scalar.h"

namespace {

int64_t place(const OctetMatmul& p, int64_t k, int64_t column) {
  return p.transpose_b != 0 ? column * p.k + k : k * p.n + column;
}

void octet_matmul_f32_1__reference(const float* a, const float* b, int64_t rows, const OctetMatmul* p, float* out) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t j = 0; j < p->n; j++) {
      float acc = 0;
      for (int64_t k = 0; k < p->k; k++) acc = scalar::fma(a[r * p->k + k], b[place(*p, k, j)], acc);
      out[r * p->n + j] = scalar::clamp(acc, p->lo, p->hi);
    }
  }
}

int32_t code(uint8_t byte, int32_t has_sign) { return has_sign != 0 ? static_cast<int8_t>(byte) : byte; }

void octet_matmul_q8_1__reference(const uint8_t* a, const uint8_t* b, int64_t rows, const OctetMatmul* p,
                                  uint8_t* out) {
  for (int64_t r = 0; r < rows; r++) {
    for (int64_t j = 0; j < p->n; j++) {
      uint32_t acc = 0;
      for (int64_t k = 0; k < p->k; k++) {
        const int32_t x = code(a[r * p->k + k], p->signed_a) - p->zero_point_a;
        acc += static_cast<uint32_t>(x * (code(b[place(*p, k, j)], p->signed_b) - p->zero_point_b));
      }
      const float t = static_cast<float>(static_cast<int32_t>(acc)) * p->multiplier;
      if (p->to_codes != 0) {
        out[r * p->n + j] = scalar::to_code(t, p->lo, p->hi, p->zero_point);
      } else {
        reinterpret_cast<float*>(out)[r * p->n + j] = t;
      }
    }
  }
}

}  // namespace

extern "C" const MatmulKernel octet_matmul__reference = {octet_matmul_f32_1__reference, octet_matmul_q8_1__reference};
