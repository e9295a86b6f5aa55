#include "kernels/elementwise.h"

namespace {

template <typename T>
void dequantize(const uint8_t* x, int64_t n, float scale, int32_t zero_point, float* out) {
  for (int64_t i = 0; i < n; i++) out[i] = static_cast<float>(static_cast<T>(x[i]) - zero_point) * scale;
}

}  // namespace

extern "C" const DequantizeKernel octet_dequantize__reference = {dequantize<uint8_t>, dequantize<int8_t>};
