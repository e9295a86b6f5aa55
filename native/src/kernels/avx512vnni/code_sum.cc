#include "kernels/avx512vnni/vector.h"

#include "kernels/simd/elementwise.inl.h"
#include "kernels/statistics.h"

extern "C" const CodeSumKernel octet_code_sum__avx512vnni = {code_sum<uint8_t>, code_sum<int8_t>};
