#include "kernels/neon/vector.h"

#include "kernels/simd/elementwise.inl.h"

extern "C" const AddQ8Kernel octet_add_q8__neon = {add_q8<uint8_t>, add_q8<int8_t>};
