// The few functions of the C++ runtime that JavaCPP's source calls. With the compiler's own would come its exception
// machinery, which needs a newer C library than everything else here.
#include <stdlib.h>

#include <new>

const std::nothrow_t std::nothrow{};

void* operator new[](size_t bytes, const std::nothrow_t&) noexcept { return malloc(bytes); }

void operator delete[](void* block) noexcept { free(block); }

extern "C" void __cxa_pure_virtual() { abort(); }
