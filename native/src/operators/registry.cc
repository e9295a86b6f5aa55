#include "operators/operator.h"

namespace octet {

#define OCTET_OPERATOR(kind, slots, constants, factory) int32_t factory(const Spec& spec, Operator** op);
#include "operators/operators.def"
#undef OCTET_OPERATOR

int32_t create_operator(int32_t kind, const Spec& spec, Operator** op) {
  *op = nullptr;
  switch (kind) {
#define OCTET_OPERATOR(kind, slots, constants, factory)                                              \
  case kind:                                                                                         \
    return spec.attribute_slots >= (slots) && spec.constant_count >= (constants) ? factory(spec, op) \
                                                                                 : OCTET_INVALID_ARGUMENT;
#include "operators/operators.def"
#undef OCTET_OPERATOR
    default:
      return OCTET_UNSUPPORTED_KIND;
  }
}

}  // namespace octet
