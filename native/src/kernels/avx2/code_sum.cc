#include "kernels/avx2/vector.h"

#include "kernels/simd/elementwise.inl.h"
#include "kernels/statistics.h"

extern "C" const CodeSumKernel octet_code_sum__avx2 = {code_sum<uint8_t>, code_sum<int8_t>};
