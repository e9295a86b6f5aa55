// Which outputs of a convolution see which taps.
//
// Along one axis the taps that fall inside the input are an interval [k0, k1), which changes only near the borders. So the
// output is a grid of boxes, inside each of which all pixels see the same taps: a product over exactly these taps
// skips padding without any test, and every box has its own folded bias, exact for any zero point.
#ifndef OCTET_OPERATORS_CONVOLUTION_GEOMETRY_H_
#define OCTET_OPERATORS_CONVOLUTION_GEOMETRY_H_

#include <stdint.h>

#include "base/memory.h"
#include "kernels/conv.h"
#include "operators/operator.h"

namespace octet {

// Outputs [begin, end) of one axis see the taps [k0, k1).
struct Segment {
  int32_t begin, end, k0, k1;
};

// Cuts an axis of `out` outputs. False when there is no memory.
bool cut_axis(int64_t in, int64_t out, int64_t kernel, int64_t stride, int64_t pad, int64_t dilation,
              Array<Segment>* segments);

// Reads 13 consecutive slots {Cin Cout KH KW SH SW pad_top pad_left pad_bottom pad_right DH DW groups} and, if there are
// that many, 5 more from depth_slot {KD SD pad_front pad_back DD}, and 3 behind these {UD UH UW}.
bool read_convolution(const Spec& spec, int first_slot, int depth_slot, OctetConvGeometry* g);
// Fills n, d, h, w, od, oh, ow from the dims; where depth only repeats, its slices count as images. False when they are
// not a legal input.
bool shape_convolution(const int64_t* dims, int32_t slots, OctetConvGeometry* g);

// Whether there are slots {UD UH UW} that say something: see convolution_stretched.h.
inline bool is_stretched(const Spec& spec, int depth_slot) {
  return spec.attribute_slots >= depth_slot + 8 &&
         (spec.integer(depth_slot + 5) != 1 || spec.integer(depth_slot + 6) != 1 || spec.integer(depth_slot + 7) != 1);
}

// Every slice of depth is an image of its own.
inline bool is_planar(const OctetConvGeometry& g) {
  return g.kd == 1 && g.sd == 1 && g.pad_front == 0 && g.pad_back == 0 && g.ud == 1;
}

// A 1x1 convolution without stride or padding: one long row of pixels.
inline bool is_pointwise(const OctetConvGeometry& g) {
  return g.kh == 1 && g.kw == 1 && g.sh == 1 && g.sw == 1 && g.pad_top == 0 && g.pad_left == 0 && g.pad_bottom == 0 &&
         g.pad_right == 0 && g.uh == 1 && g.uw == 1 && is_planar(g);
}
inline bool is_depthwise(const OctetConvGeometry& g) { return g.groups == g.cin && g.cin == g.cout && g.groups > 1; }

// Whether (float)acc * multiplier can leave the int32 range, where acc = bias + sum of (x - zp) * w and `weights` is the sum
// of the |w|. (The sum wraps, so acc never leaves it.)
inline bool leaves_int_range(int64_t weights, int32_t bias, float multiplier) {
  const double magnitude = bias < 0 ? -static_cast<double>(bias) : bias;
  double bound = 255.0 * static_cast<double>(weights) + magnitude;
  if (bound > 2147483648.0) bound = 2147483648.0;
  const double factor = multiplier < 0 ? -static_cast<double>(multiplier) : multiplier;
  return !(bound * factor < 2147480000.0);  // room for the rounding of acc and of the product
}

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_GEOMETRY_H_
