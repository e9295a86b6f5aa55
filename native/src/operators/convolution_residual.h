// The residual input of CONV_Q8: its sum with the convolution's result, in the same operator.
#ifndef OCTET_OPERATORS_CONVOLUTION_RESIDUAL_H_
#define OCTET_OPERATORS_CONVOLUTION_RESIDUAL_H_

#include "operators/operator.h"

namespace octet {

// The first of the slots {side scale residual_scale ...}.
constexpr int kResidualSlot = 27, kResidualSlots = 8;

inline bool has_residual(const Spec& spec) { return spec.attribute_slots >= kResidualSlot + kResidualSlots; }

// factory: makes the convolution, of the slots before these.
int32_t create_residual(int32_t (*factory)(const Spec&, Operator**), const Spec& spec, Operator** op);

}  // namespace octet

#endif  // OCTET_OPERATORS_CONVOLUTION_RESIDUAL_H_
