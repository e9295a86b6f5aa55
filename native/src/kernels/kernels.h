// All descriptor types of kernels.def.
#ifndef OCTET_KERNELS_KERNELS_H_
#define OCTET_KERNELS_KERNELS_H_

#include "kernels/elementwise.h"

#endif  // OCTET_KERNELS_KERNELS_H_
