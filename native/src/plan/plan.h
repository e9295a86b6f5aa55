// A whole network as a list of steps, executed in one call.
#ifndef OCTET_PLAN_PLAN_H_
#define OCTET_PLAN_PLAN_H_

#include <stdint.h>

#include "base/memory.h"
#include "operators/operator.h"
#include "plan/pool.h"

namespace octet {

class Plan : public Allocated {
 public:
  // records: see octet_plan_create.
  static int32_t create(const int64_t* records, int32_t slots, Plan** plan);

  // Alone, or with the process-wide pool's help when use.threads > 1 and nobody else has it.
  void run(uint8_t* arena, const int64_t* io, const PoolUse& use) const;

 private:
  struct Step {
    const Context* context;
    int64_t scratch;  // offset in the arena
    int64_t refs;     // the first of its input refs; the output ref follows them
    int64_t inputs;
  };
  struct Job;

  // Input addresses stand on the stack during a run.
  static constexpr int64_t kMaxInputs = 4096;

  // What participant `self` does of all steps, from phase `first` on.
  static void run_part(const Job& job, int self, int64_t first, uint8_t* worker_scratch, Team* team);

  Array<Step> steps_;
  Array<int64_t> refs_;
  int64_t max_inputs_ = 0;
  int64_t thread_bytes_ = 0;  // the largest of all contexts
  int64_t phases_ = 0;
  bool shareable_ = true;  // no phase has more rows than threads can share
};

}  // namespace octet

#endif  // OCTET_PLAN_PLAN_H_
