// Convolutions whose kernels work on rows of one block of channels (kernels/depthwise.h, kernels/grouped.h): what they share.
#ifndef OCTET_OPERATORS_BLOCK_ROWS_H_
#define OCTET_OPERATORS_BLOCK_ROWS_H_

#include "base/memory.h"
#include "kernels/depthwise.h"
#include "operators/convolution_geometry.h"

namespace octet {

// The packed constants and the kernel.
class BlocksQ8 {
 public:
  static constexpr int64_t kMaxRows = 32;  // of a window

  bool ready() const { return width_ != 0; }
  int32_t shape(const OctetConvGeometry& g, Context** context) const;

 protected:
  // Calls the kernel; `last`: on the last block.
  virtual void run(const OctetConvGeometry& g, const BlockBandQ8& band, bool last) const = 0;

  // Where ready: codes of the zero point as the kernel sees them.
  static uint32_t zero_point_of(const OctetConvQ8& p, bool signed_a) {
    return static_cast<uint32_t>(p.in_zero_point + (p.in_signed ? 128 : 0) - (signed_a ? 128 : 0));
  }

  OctetConvQ8 parameters_ = {};  // without constants
  bool signed_a_ = false, clamp_first_ = false;
  int64_t width_ = 0, block_bytes_ = 0;  // channels of a block, bytes of its weights
  Array<uint8_t> weights_;
  Array<int32_t> start_;  // bias - zero point * sum of the weights
  Array<float> multiplier_;

 private:
  class RowContext;
};

}  // namespace octet

#endif  // OCTET_OPERATORS_BLOCK_ROWS_H_
