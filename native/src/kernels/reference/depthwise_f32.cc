// None: conv_f32.cc is the specification.
#include "kernels/depthwise.h"

extern "C" const octet::DepthwiseF32Kernel octet_depthwise_f32__reference = {nullptr};
