// None: conv_f32.cc is the specification, and what an ISA without a product kernel of its own runs.
#include "kernels/gemm.h"

extern "C" const octet::GemmKernel octet_gemm_f32__reference = {nullptr, 0, 0, 0, 0, nullptr};
