// Depthwise convolutions on kernels of their own: rows of one block of channels (8 bit), rows of outputs with equal taps
// (float). Parts of the two convolution operators.
#ifndef OCTET_OPERATORS_CONVOLUTION_DEPTHWISE_H_
#define OCTET_OPERATORS_CONVOLUTION_DEPTHWISE_H_

#include "base/memory.h"
#include "dispatch/kernel_table.h"
#include "kernels/depthwise.h"
#include "operators/block_rows.h"
#include "operators/convolution_geometry.h"

namespace octet {

class DepthwiseQ8 final : public BlocksQ8 {
 public:
  static bool fits(const DepthwiseQ8Kernel& kernel, const OctetConvGeometry& g) {
    return kernel.run != nullptr && is_depthwise(g) && is_planar(g) && g.kh <= kMaxRows;
  }
  // The kernel for these weights: the ISA's own, or with zero points the nearest ancestor's that keeps weights in 16 bits,
  // where w - zero point has room. Without one it does not fit.
  static const DepthwiseQ8Kernel& kernel_for(Isa isa, bool zero_points);
  // Copies what it needs from the parameters' constants; weight zero points are codes. False when there is no memory.
  bool init(const DepthwiseQ8Kernel& kernel, const OctetConvGeometry& g, const OctetConvQ8& parameters);

 private:
  void run(const OctetConvGeometry& g, const BlockBandQ8& band, bool last) const override;
  void run_turned(const OctetConvGeometry& g, DepthwiseQ8Band* band) const;

  // A window of one row: the kernel takes its columns for rows, as it works on several rows at once.
  static bool is_turned(const OctetConvGeometry& g) { return g.kh == 1 && g.kw > 1 && g.kw <= kMaxRows; }

  DepthwiseQ8Kernel kernel_ = {};
  int64_t copies_ = 1;  // of the last block, where it is at most half a block
  int64_t last_ = 0;    // its first channel
};

class DepthwiseF32 {
 public:
  static bool fits(const DepthwiseF32Kernel& kernel, const OctetConvGeometry& g) {
    return kernel.run != nullptr && is_depthwise(g) && is_planar(g);
  }
  bool init(const DepthwiseF32Kernel& kernel, const OctetConvGeometry& g, const OctetConvF32& parameters);
  bool ready() const { return kernel_.run != nullptr; }
  int32_t shape(const OctetConvGeometry& g, Context** context) const;

 private:
  class RowContext;

  static constexpr int64_t kChannelStep = 64;  // a multiple of every ISA's tile

  DepthwiseF32Kernel kernel_ = {};
  float lo_ = 0, hi_ = 0;
  int64_t padded_ = 0;    // channels
  Array<float> weights_;  // [kh][kw][padded channels]
  Array<float> bias_;
};

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_DEPTHWISE_H_
