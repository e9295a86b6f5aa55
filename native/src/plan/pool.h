// The process-wide thread pool. Made at the first run that asks for help; its threads sleep between runs.
//
// A run claims the whole pool with one try-lock; whoever finds it busy runs alone: concurrent inferences already fill
// the CPUs. Within a run the participants spin at barriers (half a microsecond; a condition variable costs 17), so
// there are never more of them than CPUs this process may use. Workers block all signals (they are the JVM's business)
// and know nothing of the JVM.
#ifndef OCTET_PLAN_POOL_H_
#define OCTET_PLAN_POOL_H_

#include <stdint.h>

namespace octet {

class Barrier {
 public:
  // Returns when `count` participants have come.
  void wait(int count) {
    if (count == 1) return;
    const uint32_t generation = __atomic_load_n(&generation_, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&arrived_, 1, __ATOMIC_ACQ_REL) == count) {
      __atomic_store_n(&arrived_, 0, __ATOMIC_RELAXED);
      __atomic_store_n(&generation_, generation + 1, __ATOMIC_RELEASE);
    } else {
      spin(generation);
    }
  }

 private:
  void spin(uint32_t generation) const;

  alignas(64) uint32_t generation_ = 0;
  alignas(64) int arrived_ = 0;
};

// The body of a run: participant `self` of `count`, with `scratch` of its own (null for participant 0, the caller).
// It must end with a barrier.wait(count) and must not touch `job` after it.
using PoolBody = void (*)(const void* job, int self, int count, uint8_t* scratch, Barrier* barrier);

// Runs the body on up to `threads` participants, the caller among them; at least on the caller. Every worker has
// `scratch_bytes` of scratch: its own memory, kept and only ever grown.
void run_on_pool(PoolBody body, const void* job, int threads, int64_t scratch_bytes);

}  // namespace octet

#endif  // OCTET_PLAN_POOL_H_
