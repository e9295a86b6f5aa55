// None: what few columns would gain is an ISA's own matter, and gemm_q8 has kernels for them all.
#include "kernels/gemm.h"

extern "C" const octet::GemmKernel octet_gemm_q8_narrow__reference = {nullptr, 0, 0, 0, 0, nullptr};
