// The floating-point control register: some other library of the process may have set flush-to-zero or a rounding mode.
#ifndef OCTET_BASE_FP_ENVIRONMENT_H_
#define OCTET_BASE_FP_ENVIRONMENT_H_

#include <stdint.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace octet {

// Default environment (round to nearest even, denormals kept, no traps) while it lives; then what was there before.
class DefaultFpEnvironment {
 public:
  DefaultFpEnvironment() : saved_(read()) { write(kDefault); }
  ~DefaultFpEnvironment() { write(saved_); }
  DefaultFpEnvironment(const DefaultFpEnvironment&) = delete;
  DefaultFpEnvironment& operator=(const DefaultFpEnvironment&) = delete;

 private:
#if defined(__x86_64__)
  using Register = uint32_t;
  static constexpr Register kDefault = 0x1F80;
  static Register read() { return _mm_getcsr(); }
  static void write(Register value) { _mm_setcsr(value); }
#elif defined(__aarch64__)
  using Register = uint64_t;
  static constexpr Register kDefault = 0;
  static Register read() {
    Register value;
    asm volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(Register value) { asm volatile("msr fpcr, %0" : : "r"(value) : "memory"); }
#else
  using Register = uint32_t;
  static constexpr Register kDefault = 0;
  static Register read() { return 0; }
  static void write(Register) {}
#endif
  Register saved_;
};

}  // namespace octet

#endif  // OCTET_BASE_FP_ENVIRONMENT_H_
