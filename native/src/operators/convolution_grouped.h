// Convolutions in groups of few channels, as many out as in (ResNeXt), on kernels of their own. A part of the 8-bit
// convolution operator.
#ifndef OCTET_OPERATORS_CONVOLUTION_GROUPED_H_
#define OCTET_OPERATORS_CONVOLUTION_GROUPED_H_

#include "kernels/grouped.h"
#include "operators/block_rows.h"

namespace octet {

class GroupedQ8 final : public BlocksQ8 {
 public:
  static bool fits(const GroupedQ8Kernel& kernel, const OctetConvGeometry& g) {
    const int64_t channels = g.cin / g.groups;
    const bool a_power_of_2 = channels >= 2 && channels <= 4 * kernel.max_quads && (channels & (channels - 1)) == 0;
    return kernel.run != nullptr && g.groups > 1 && g.cin == g.cout && a_power_of_2 && is_planar(g) && g.uh == 1 &&
           g.uw == 1 && g.dw == 1 && g.sw <= kernel.max_stride && g.kh <= kernel.max_rows && g.kw == kernel.columns &&
           fills(4 * kernel.lanes, g.cin, channels);
  }
  // Copies what it needs from the parameters' constants. No weight zero points. False when there is no memory.
  bool init(const GroupedQ8Kernel& kernel, const OctetConvGeometry& g, const OctetConvQ8& parameters);

 private:
  void run(const OctetConvGeometry& g, const BlockBandQ8& band, bool last) const override;

  // Whether enough of the blocks is used: with less a product was faster, the sooner the more channels a group has.
  static bool fills(int64_t width, int64_t all, int64_t channels) {
    const int64_t eighths = 8 * all / ((all + width - 1) / width * width);
    return eighths >= (channels >= 16 ? 7 : 3);
  }

  GroupedQ8Kernel kernel_ = {};
  int64_t quads_ = 0;  // of a group
};

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_GROUPED_H_
