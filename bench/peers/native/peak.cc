// What the core can do at most, in registers alone: the denominators of "percent of peak".
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

namespace {

// Twelve independent accumulators hide the latency of two pipes with up to six cycles.
#define TWELVE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define CLOBBERS                                                                                                      \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", \
      "xmm14", "xmm15", "memory", "cc"

alignas(64) const uint8_t kBytes[64] = {1, 7, 3, 9, 2, 8, 4, 6, 1, 7, 3, 9, 2, 8, 4, 6, 1, 7, 3, 9, 2, 8,
                                        4, 6, 1, 7, 3, 9, 2, 8, 4, 6, 1, 7, 3, 9, 2, 8, 4, 6, 1, 7, 3, 9,
                                        2, 8, 4, 6, 1, 7, 3, 9, 2, 8, 4, 6, 1, 7, 3, 9, 2, 8, 4, 6};
alignas(64) const float kFloats[16] = {.5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f, .5f};

#define LOOP(setup, body, data)     \
  int64_t left = iterations;        \
  asm volatile(setup "1:\n" body    \
                     "dec %0\n"     \
                     "jnz 1b\n"     \
                     "vzeroupper\n" \
               : "+r"(left)         \
               : "r"(data)          \
               : CLOBBERS)

#define ZERO(i) "vpxor %%xmm" #i ", %%xmm" #i ", %%xmm" #i "\n"
#define VNNI_Z(i) "vpdpbusd %%zmm14, %%zmm15, %%zmm" #i "\n"
#define VNNI_VEX(i) "%{vex%} vpdpbusd %%ymm14, %%ymm15, %%ymm" #i "\n"
#define FMA_Z(i) "vfmadd231ps %%zmm14, %%zmm15, %%zmm" #i "\n"
#define FMA_Y(i) "vfmadd231ps %%ymm14, %%ymm15, %%ymm" #i "\n"
#define MADD_Y(i) "vpmaddwd %%ymm14, %%ymm15, %%ymm12\nvpaddd %%ymm12, %%ymm" #i ", %%ymm" #i "\n"
#define LOAD_Z "vmovups (%1), %%zmm14\nvmovups (%1), %%zmm15\n"
#define LOAD_Y "vmovups (%1), %%ymm14\nvmovups (%1), %%ymm15\n"

void Vnni512(int64_t iterations) { LOOP(TWELVE(ZERO) LOAD_Z, TWELVE(VNNI_Z), kBytes); }
void Vnni256(int64_t iterations) { LOOP(TWELVE(ZERO) LOAD_Y, TWELVE(VNNI_VEX), kBytes); }
void Madd256(int64_t iterations) { LOOP(TWELVE(ZERO) LOAD_Y, TWELVE(MADD_Y), kBytes); }
void Fma512(int64_t iterations) { LOOP(TWELVE(ZERO) LOAD_Z, TWELVE(FMA_Z), kFloats); }
void Fma256(int64_t iterations) { LOOP(TWELVE(ZERO) LOAD_Y, TWELVE(FMA_Y), kFloats); }

// A chain of dependent one-cycle additions: cycles. Long enough that the loop's own branch does not show.
void Clock(int64_t iterations) {
  int64_t left = iterations / 16;
  int64_t sum = 0;
  asm volatile(
      "1:\n"
      ".rept 192\n"
      "add %1, %1\n"
      ".endr\n"
      "dec %0\n"
      "jnz 1b\n"
      : "+r"(left), "+r"(sum)
      :
      : "cc");
}

// Reads memory once, in order, with the widest loads: what a matrix-vector product cannot beat.
void Read512(const uint8_t* p, int64_t bytes) {
  int64_t left = bytes / 512;
  if (left == 0) return;
  asm volatile(
      "1:\n"
      "vmovups (%1), %%zmm0\nvmovups 64(%1), %%zmm1\nvmovups 128(%1), %%zmm2\nvmovups 192(%1), %%zmm3\n"
      "prefetcht0 2048(%1)\nprefetcht0 2112(%1)\nprefetcht0 2176(%1)\nprefetcht0 2240(%1)\n"
      "prefetcht0 2304(%1)\nprefetcht0 2368(%1)\nprefetcht0 2432(%1)\nprefetcht0 2496(%1)\n"
      "vmovups 256(%1), %%zmm4\nvmovups 320(%1), %%zmm5\nvmovups 384(%1), %%zmm6\nvmovups 448(%1), %%zmm7\n"
      "add $512, %1\n"
      "dec %0\n"
      "jnz 1b\n"
      "vzeroupper\n"
      : "+r"(left), "+r"(p)
      :
      : CLOBBERS);
}

void Read256(const uint8_t* p, int64_t bytes) {
  int64_t left = bytes / 256;
  if (left == 0) return;
  asm volatile(
      "1:\n"
      "vmovups (%1), %%ymm0\nvmovups 32(%1), %%ymm1\nvmovups 64(%1), %%ymm2\nvmovups 96(%1), %%ymm3\n"
      "prefetcht0 2048(%1)\nprefetcht0 2112(%1)\nprefetcht0 2176(%1)\nprefetcht0 2240(%1)\n"
      "vmovups 128(%1), %%ymm4\nvmovups 160(%1), %%ymm5\nvmovups 192(%1), %%ymm6\nvmovups 224(%1), %%ymm7\n"
      "add $256, %1\n"
      "dec %0\n"
      "jnz 1b\n"
      "vzeroupper\n"
      : "+r"(left), "+r"(p)
      :
      : CLOBBERS);
}

bool Has(int probe) {
  __builtin_cpu_init();
  switch (probe) {
    case 0:
      return __builtin_cpu_supports("avx512vnni");
    case 1:
      return __builtin_cpu_supports("avxvnni");
    case 2:
      return __builtin_cpu_supports("avx2");
    case 3:
      return __builtin_cpu_supports("avx512f");
    case 4:
      return __builtin_cpu_supports("fma");
    default:
      return probe == 5;
  }
}

}  // namespace

extern "C" JNIEXPORT jboolean JNICALL Java_org_octet_bench_peers_Peak_supported(JNIEnv*, jclass, jint probe) {
  return Has(probe);
}

extern "C" JNIEXPORT void JNICALL Java_org_octet_bench_peers_Peak_run(JNIEnv*, jclass, jint probe, jlong iterations) {
  void (*const loops[])(int64_t) = {Vnni512, Vnni256, Madd256, Fma512, Fma256, Clock};
  loops[probe](iterations);
}

extern "C" JNIEXPORT void JNICALL Java_org_octet_bench_peers_Peak_read(JNIEnv*, jclass, jlong address, jlong bytes) {
  const uint8_t* p = reinterpret_cast<const uint8_t*>(address);
  if (Has(3)) {
    Read512(p, bytes);
  } else if (Has(2)) {
    Read256(p, bytes);
  }
}

// On huge pages where the system gives them: small ones may collide in the cache, which would not be a limit.
extern "C" JNIEXPORT jlong JNICALL Java_org_octet_bench_peers_Peak_allocate(JNIEnv*, jclass, jlong bytes) {
  void* p = nullptr;
  if (posix_memalign(&p, 1 << 21, bytes) != 0) return 0;
  madvise(p, bytes, MADV_HUGEPAGE);
  memset(p, 1, bytes);
  return reinterpret_cast<jlong>(p);
}

extern "C" JNIEXPORT void JNICALL Java_org_octet_bench_peers_Peak_free(JNIEnv*, jclass, jlong address) {
  free(reinterpret_cast<void*>(address));
}
