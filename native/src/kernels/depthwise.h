// Depthwise convolution (one filter a channel): what a kernel gets and what an ISA declares. Plain structs only.
#ifndef OCTET_KERNELS_DEPTHWISE_H_
#define OCTET_KERNELS_DEPTHWISE_H_

#include <stdint.h>

#include "kernels/gemm.h"

namespace octet {

// Output rows of one block of channels, all of one image.
struct BlockBandQ8 {
  const uint8_t* const* rows;  // [out_rows][kh]: the input rows that an output row sees, at column 0, channel 0;
                               // padding: a row of pad_code
  int64_t channel;             // the block's first
  int32_t out_rows, kh, kw, stride;
  int64_t pixel;  // bytes between columns
  int32_t in_width, out_width, pad_left;
  uint8_t* out;  // at the block's first channel
  int64_t out_pixel, out_row;
  const uint8_t* weights;
  int32_t columns;  // channels of the block that exist
  // as in GemmBand
  const int32_t* start;
  const float* multiplier;
  int32_t zero_point, qmin, qmax, out_flip, clamp_first;
  uint32_t flip;
  uint32_t pad_code;  // four times; a padded tap is a tap on the zero point
};

// Weights: as the kernel's `pack` leaves them; without one, or where it has no layout of its own,
// [kw][groups of rows][block][rows of a group], PanelLayout with kx as tap and ky as k.
struct DepthwiseQ8Band : BlockBandQ8 {
  int32_t dilation;
  int32_t rolling;  // an output row's window is the one above, a row further down: no stride, no dilation of rows
  int32_t copies;   // 2 or 4: the block is a half or a quarter that stands in it as often, for rows side by side
};

struct DepthwiseQ8Window {
  int32_t kh, kw, stride, dilation;  // stride and dilation of columns
  int32_t clamp_first;
};

struct DepthwiseQ8Kernel {
  void (*run)(const DepthwiseQ8Band& band);  // 0: none, the operator runs a product
  int32_t max_copies;                        // of a block that is at most half (quarter) full; 1: none
  GemmKernel layout;  // of the weights: a block is one panel of max_vectors registers, a group of rows k_group
  int32_t permuted;
  // The last block begins earlier, so that it is full: channels in two blocks are written twice, with the same codes.
  int32_t overlaps = 0;
  // Arranges a block's weights, [channel by position][kh][kw], and returns the bytes; with `to` = 0 that only. 0 bytes:
  // for this window the weights lie in panels.
  int64_t (*pack)(const DepthwiseQ8Window& window, const int16_t* taps, uint8_t* to) = nullptr;
};

// Outputs [0, width) of one row that see the same taps, all channels.
struct DepthwiseF32Band {
  const float* in;             // the first output's first valid tap
  int64_t tap_x, tap_y, step;  // floats between taps in a row, rows of taps, neighbouring outputs' inputs
  int32_t kh, kw, width;       // valid taps
  float* out;
  int64_t channels;
  const float* weights;  // the first valid tap; [kh][kw][padded channels]
  int64_t weight_x, weight_y;
  const float* bias;  // padded, or 0
  float lo, hi;
};

struct DepthwiseF32Kernel {
  void (*run)(const DepthwiseF32Band& band);  // 0: none, the operator runs a product
};

}  // namespace octet

#endif  // OCTET_KERNELS_DEPTHWISE_H_
