// Convolutions whose input is stretched: between neighbours along an axis stand `up - 1` places that hold nothing. With
// mirrored weights that is the transposed convolution of stride `up`.
#ifndef OCTET_OPERATORS_CONVOLUTION_STRETCHED_H_
#define OCTET_OPERATORS_CONVOLUTION_STRETCHED_H_

#include "operators/convolution_geometry.h"

namespace octet {

typedef int32_t (*ConvolutionFactory)(const Spec& spec, Operator** op);

// What the factory of a plain convolution tells about its own attributes and constants.
struct StretchedSpec {
  int first_slot, depth_slot;  // of Cin, of KD
  int64_t element;             // bytes of a weight, and of an output value
  ConvolutionFactory factory;
  // Writes the outputs of a pixel that sees no tap: `cout` values.
  void (*nothing)(const Spec& spec, const OctetConvGeometry& g, uint8_t* values);
};

int32_t create_stretched(const StretchedSpec& what, const Spec& spec, Operator** op);

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_STRETCHED_H_
