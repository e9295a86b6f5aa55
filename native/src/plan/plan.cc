#include "plan/plan.h"

namespace octet {

int32_t Plan::create(const int64_t* records, int32_t slots, Plan** out) {
  *out = nullptr;
  int64_t steps = 0, refs = 0;
  for (int64_t at = 0; at < slots; steps++) {  // a record: context, scratch, count, count inputs, output
    if (slots - at < 4 || records[at] == 0 || records[at + 1] < 0) return OCTET_INVALID_ARGUMENT;
    const int64_t count = records[at + 2];
    if (count < 0 || count > slots - at - 4 || count > kMaxInputs) return OCTET_INVALID_ARGUMENT;
    if (count < reinterpret_cast<const Context*>(records[at])->inputs) return OCTET_INVALID_ARGUMENT;
    refs += count + 1;
    at += 4 + count;
  }
  Plan* plan = new Plan;
  if (plan == nullptr || !plan->steps_.resize(steps) || !plan->refs_.resize(refs)) {
    delete plan;
    return OCTET_OUT_OF_MEMORY;
  }
  int64_t ref = 0;
  for (int64_t i = 0, at = 0; i < steps; i++) {
    const int64_t count = records[at + 2];
    plan->steps_[i] = {reinterpret_cast<const Context*>(records[at]), records[at + 1], ref, count};
    for (int64_t k = 0; k <= count; k++) plan->refs_[ref++] = records[at + 3 + k];
    if (count > plan->max_inputs_) plan->max_inputs_ = count;
    const int64_t thread_bytes = plan->steps_[i].context->thread_bytes;
    if (thread_bytes > plan->thread_bytes_) plan->thread_bytes_ = thread_bytes;
    const Context& context = *plan->steps_[i].context;
    plan->phases_ += context.phases;
    for (int phase = 0; phase < context.phases; phase++) {
      if (context.rows[phase] > Share::kMostRows) plan->shareable_ = false;
    }
    at += 4 + count;
  }
  *out = plan;
  return OCTET_OK;
}

struct Plan::Job {
  const Plan* plan;
  uint8_t* arena;
  const int64_t* io;
};

void Plan::run_part(const Job& job, int self, int64_t first, uint8_t* worker_scratch, Team* team) {
  const Plan& plan = *job.plan;
  const auto resolve = [&job](int64_t ref) {
    return ref >= 0 ? job.arena + ref : reinterpret_cast<uint8_t*>(job.io[-1 - ref]);
  };
  const auto in =
      static_cast<const uint8_t**>(__builtin_alloca(static_cast<size_t>(plan.max_inputs_ + 1) * sizeof(void*)));
  // Known before the last phase ends: nothing of the job is touched after it.
  const int64_t steps = plan.steps_.size();
  int64_t at = 0;
  for (int64_t i = 0; i < steps; i++) {
    const Step& step = plan.steps_[i];
    const Context& context = *step.context;
    const int phases = context.phases;
    if (at + phases <= first) {
      at += phases;
      continue;
    }
    for (int64_t k = 0; k < step.inputs; k++) in[k] = resolve(plan.refs_[step.refs + k]);
    uint8_t* const shared = job.arena + step.scratch;
    uint8_t* const scratch = worker_scratch != nullptr ? worker_scratch : shared + align_up(context.shared_bytes);
    const Buffers buffers = {in, resolve(plan.refs_[step.refs + step.inputs]), shared, scratch};
    for (int phase = 0; phase < phases; phase++) {
      if (at++ < first) continue;
      if (team == nullptr) {
        context.run_rows(buffers, phase, 0, context.rows[phase]);
        continue;
      }
      int64_t begin, end;
      while (team->take(self, &begin, &end)) context.run_rows(buffers, phase, begin, end);
      team->pass(phase + 1 < phases ? context.rows[phase + 1]
                 : i + 1 < steps    ? plan.steps_[i + 1].context->rows[0]
                                    : -1);
    }
  }
}

void Plan::run(uint8_t* arena, const int64_t* io, const PoolUse& use) const {
  const Job job = {this, arena, io};
  const PoolBody body = [](const void* j, int self, int64_t first, uint8_t* scratch, Team* team) {
    run_part(*static_cast<const Job*>(j), self, first, scratch, team);
  };
  if (steps_.size() == 0) return;
  const PoolUse alone = {1, 0};
  run_on_pool(body, &job, shareable_ ? use : alone, thread_bytes_, phases_, steps_[0].context->rows[0]);
}

}  // namespace octet
