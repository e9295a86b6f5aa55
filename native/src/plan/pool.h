// The process-wide thread pool. Made at the first run that asks for help; its threads sleep between runs,
// at once or after a while that the run chose: to be woken takes longer than many a run.
//
// A run claims the whole pool with one try-lock; whoever finds it busy runs alone: concurrent inferences already fill
// the CPUs. Within a run the participants spin at barriers (half a microsecond; a condition variable costs 17), so
// there are never more of them than CPUs this process may use. Workers block all signals (they are the JVM's business)
// and know nothing of the JVM.
#ifndef OCTET_PLAN_POOL_H_
#define OCTET_PLAN_POOL_H_

#include <stdint.h>

namespace octet {

// Rows of a phase that nobody has begun. Each participant has a share of its own and takes from the front of it; whoever has
// nothing left takes from the back of another's. So a worker that wakes late, or loses its CPU, does less, and the cut
// stays the same from step to step as long as nobody does.
class alignas(64) Share {
 public:
  static constexpr int64_t kMostRows = INT32_MAX;

  // What falls to participant `self` of `count`.
  void fill(int64_t rows, int self, int count) {
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

// The participants of a run: the caller, and the workers that have come so far. A worker may join between any two rows; who
// has not come is not waited for, and finds the run closed. All wait for each other after every phase.
class Team {
 public:
  static constexpr int kMost = 255;
  static constexpr int64_t kMostPhases = UINT16_MAX;

  // Begins a run with the caller alone, which at most `most` - 1 workers may join. Nobody else is in the team.
  uint32_t open(int most, int64_t first_rows);
  // False: the run is over. Otherwise the phase that the others are in.
  bool join(uint32_t run, int64_t* phase);
  // Some rows of this phase, false when all are taken.
  bool take(int self, int64_t* begin, int64_t* end);
  // Returns when all have come; then the next phase has begun, or with next_rows < 0 the run is over.
  void pass(int64_t next_rows);

 private:
  void spin(uint64_t before) const;
  void fill(int64_t rows);

  // run << 32 | phase << 16 | members << 8 | arrived. While arrived == members the last of them prepares the next phase.
  alignas(64) uint64_t state_ = 0;
  alignas(64) int most_ = 1;
  Share shares_[kMost];
};

// The body of a run: participant `self`, from a phase on, with `scratch` of its own (null for participant 0, the caller).
// team: null when the caller is alone. The body must not touch `job` after the team has passed the last phase.
using PoolBody = void (*)(const void* job, int self, int64_t phase, uint8_t* scratch, Team* team);

struct PoolUse {
  int32_t threads;      // at most so many take part
  int32_t spin_micros;  // so long the workers look out for the next run before they sleep
};

// Runs the body on up to `use.threads` participants, the caller among them; at least on the caller. Every worker has
// `scratch_bytes` of scratch: its own memory, kept and only ever grown. phases: of the whole run; first_rows: of the first.
void run_on_pool(PoolBody body, const void* job, const PoolUse& use, int64_t scratch_bytes, int64_t phases,
                 int64_t first_rows);

}  // namespace octet

#endif  // OCTET_PLAN_POOL_H_
