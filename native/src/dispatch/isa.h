#ifndef OCTET_DISPATCH_ISA_H_
#define OCTET_DISPATCH_ISA_H_

#include <stdint.h>

namespace octet {

// ISA_reference = 0, ISA_avx2, ... in the order of isa.def.
enum Isa : int32_t {
#define OCTET_ISA(name, parent, cpu, os) ISA_##name,
#include "dispatch/isa.def"
#undef OCTET_ISA
  kIsaCount
};

// The values of octet_isa_status.
enum IsaStatus : int32_t { kIsaRuns = 0, kIsaNotBuilt = 1, kIsaNotInCpu = 2, kIsaNotInOs = 3 };

const char* isa_name(Isa isa);
// The root is its own parent.
Isa isa_parent(Isa isa);
// Detected once per process.
IsaStatus isa_status(Isa isa);
Isa isa_best();

}  // namespace octet

#endif  // OCTET_DISPATCH_ISA_H_
