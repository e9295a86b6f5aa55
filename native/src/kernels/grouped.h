// Convolution in groups of few channels, as many out as in: what a kernel gets and what an ISA declares. Plain structs only.
//
// Activations are channels last, so 32 bits of a register hold a quad of neighbouring channels of one group, and a register
// is a block of 4 * lanes channels. Output channel 4 * j + k of the block is lane j of the k-th register of sums. A group of
// several quads takes the register once for each of them, in the r-th form with the quads at lanes j and j ^ r exchanged, so
// that each lane meets all quads of its group and no lane is idle.
#ifndef OCTET_KERNELS_GROUPED_H_
#define OCTET_KERNELS_GROUPED_H_

#include <stdint.h>

#include "kernels/depthwise.h"

namespace octet {

// Weights: [ky][kx][form r][register k][lane j][4], start and multipliers [register k][lane j].
struct GroupedQ8Band : BlockBandQ8 {
  int32_t quads;  // of a group: 1, 2, 4 or 8
};

struct GroupedQ8Kernel {
  void (*run)(const GroupedQ8Band& band);  // 0: none, the operator runs a product
  int32_t lanes;                           // a block is 4 * lanes channels, a multiple of 16
  int32_t max_quads;                       // of a group
  int32_t signed_a;                        // as in GemmKernel
  int32_t columns, max_rows;               // of a window
  int32_t max_stride;                      // between columns
};

}  // namespace octet

#endif  // OCTET_KERNELS_GROUPED_H_
