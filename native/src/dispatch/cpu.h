#ifndef OCTET_DISPATCH_CPU_H_
#define OCTET_DISPATCH_CPU_H_

namespace octet {

// What the CPU can do and what the operating system saves on a context switch.
struct CpuFeatures {
  bool avx2 = false, fma = false, avxvnni = false;
  bool avx512f = false, avx512bw = false, avx512dq = false, avx512vl = false, avx512vnni = false;
  bool os_saves_ymm = false, os_saves_zmm = false;
  bool neon = false, dotprod = false, i8mm = false;
};

CpuFeatures detect_cpu();

}  // namespace octet

#endif  // OCTET_DISPATCH_CPU_H_
