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

// Rows of a phase that nobody has begun. Each participant has a share of its own and takes from the front of it; whoever has
// nothing left takes from the back of another's. So a worker that wakes late, or loses its CPU, does less, and the cut
// stays the same from step to step as long as nobody does.
class alignas(64) Share {
 public:
  // More rows than this are cut once and for all.
  static constexpr int64_t kMostRows = INT32_MAX;

  // What falls to participant `self` of `count`.
  void fill(int64_t rows, int self, int count) {
    if (rows > kMostRows) rows = 0;
    const int64_t begin = rows * self / count, end = rows * (self + 1) / count;
    grain_ = static_cast<uint32_t>((end - begin + 7) / 8);
    __atomic_store_n(&left_, pack(static_cast<uint64_t>(begin), static_cast<uint64_t>(end)), __ATOMIC_RELEASE);
  }
  // Some rows [*begin, *end); false when none is left.
  bool take(bool owner, int64_t* begin, int64_t* end) {
    uint64_t now = __atomic_load_n(&left_, __ATOMIC_ACQUIRE);
    for (;;) {
      const uint64_t first = now & UINT32_MAX, last = now >> 32;
      if (first >= last) return false;
      const uint64_t half = (last - first + 1) / 2;
      uint64_t count = owner ? half + half / 2 : half;
      if (count < grain_) count = grain_;
      if (count > last - first) count = last - first;
      const uint64_t then = owner ? pack(first + count, last) : pack(first, last - count);
      if (__atomic_compare_exchange_n(&left_, &now, then, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        *begin = static_cast<int64_t>(owner ? first : last - count);
        *end = *begin + static_cast<int64_t>(count);
        return true;
      }
    }
  }

 private:
  static uint64_t pack(uint64_t first, uint64_t last) { return last << 32 | first; }

  uint64_t left_ = 0;   // first in the low half, last in the high one
  uint32_t grain_ = 0;  // fewer rows are not worth a call
};

// What the participants of a run share.
struct Team {
  Barrier barrier;
  Share* shares;  // one for each
};

// The body of a run: participant `self` of `count`, with `scratch` of its own (null for participant 0, the caller).
// It must end with a barrier.wait(count) and must not touch `job` after it. With more than one participant the shares are
// filled with the first phase's rows; each fills its own with the next ones after the barrier between them.
using PoolBody = void (*)(const void* job, int self, int count, uint8_t* scratch, Team* team);

// Runs the body on up to `threads` participants, the caller among them; at least on the caller. Every worker has
// `scratch_bytes` of scratch: its own memory, kept and only ever grown.
void run_on_pool(PoolBody body, const void* job, int threads, int64_t scratch_bytes, int64_t first_rows);

}  // namespace octet

#endif  // OCTET_PLAN_POOL_H_
