#include "kernels/statistics.h"

namespace {

template <typename T>
int32_t octet_code_sum_1__reference(const uint8_t* x, int64_t n) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<uint32_t>(static_cast<T>(x[i]));
  return static_cast<int32_t>(sum);
}

}  // namespace

extern "C" const CodeSumKernel octet_code_sum__reference = {octet_code_sum_1__reference<uint8_t>,
                                                            octet_code_sum_1__reference<int8_t>};
