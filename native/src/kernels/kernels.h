// All descriptor types of kernels.def.
#ifndef OCTET_KERNELS_KERNELS_H_
#define OCTET_KERNELS_KERNELS_H_

#include "kernels/conv.h"
#include "kernels/depthwise.h"
#include "kernels/elementwise.h"
#include "kernels/gemm.h"
#include "kernels/grouped.h"
#include "kernels/matmul.h"
#include "kernels/movement.h"
#include "kernels/pooling.h"
#include "kernels/rows.h"
#include "kernels/statistics.h"
#include "kernels/weight_grad.h"
#include "kernels/weight_only.h"

#endif  // OCTET_KERNELS_KERNELS_H_
