#include "dispatch/cpu.h"

#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

namespace octet {

#if defined(__x86_64__)

namespace {

uint64_t xgetbv0() {
  uint32_t low, high;
  asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
}

bool bit(uint32_t word, int n) { return (word >> n) & 1; }

}  // namespace

CpuFeatures detect_cpu() {
  CpuFeatures cpu;
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return cpu;
  cpu.fma = bit(c, 12);
  if (bit(c, 27)) {  // OSXSAVE: xgetbv may be executed
    const uint64_t saved = xgetbv0();
    cpu.os_saves_ymm = (saved & 0x06) == 0x06;  // xmm, ymm
    cpu.os_saves_zmm = (saved & 0xE6) == 0xE6;  // and k, upper halves of zmm0-15, zmm16-31
  }
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d)) {
    const uint32_t last_leaf = a;
    cpu.avx2 = bit(b, 5);
    cpu.avx512f = bit(b, 16);
    cpu.avx512dq = bit(b, 17);
    cpu.avx512bw = bit(b, 30);
    cpu.avx512vl = bit(b, 31);
    cpu.avx512vnni = bit(c, 11);
    if (last_leaf >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d)) cpu.avxvnni = bit(a, 4);
  }
  return cpu;
}

#elif defined(__aarch64__) && defined(__linux__)

CpuFeatures detect_cpu() {
  // Bit numbers of the kernel's ABI; written out because older headers lack the names.
  constexpr unsigned long kAsimd = 1ul << 1, kAsimdDp = 1ul << 20;  // AT_HWCAP
  constexpr unsigned long kI8mm = 1ul << 13;                        // AT_HWCAP2
  CpuFeatures cpu;
  const unsigned long capabilities = getauxval(AT_HWCAP), more = getauxval(AT_HWCAP2);
  cpu.neon = capabilities & kAsimd;
  cpu.dotprod = capabilities & kAsimdDp;
  cpu.i8mm = more & kI8mm;
  return cpu;
}

#else

CpuFeatures detect_cpu() { return CpuFeatures(); }

#endif

}  // namespace octet
