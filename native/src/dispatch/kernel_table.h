#ifndef OCTET_DISPATCH_KERNEL_TABLE_H_
#define OCTET_DISPATCH_KERNEL_TABLE_H_

#include "dispatch/isa.h"
#include "kernels/kernels.h"

namespace octet {

// One pointer a slot: the ISA's own descriptor, or the nearest ancestor's. Never null.
struct KernelTable {
#define OCTET_KERNEL(slot, type) const type* slot;
#include "dispatch/kernels.def"
#undef OCTET_KERNEL
};

const KernelTable& kernel_table(Isa isa);

}  // namespace octet

#endif  // OCTET_DISPATCH_KERNEL_TABLE_H_
