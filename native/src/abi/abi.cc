// The bodies of octet.h: handles and status codes, no arithmetic.
#pragma GCC visibility push(default)
#include "octet/octet.h"
#pragma GCC visibility pop

#include "base/fp_environment.h"
#include "base/memory.h"
#include "dispatch/isa.h"
#include "operators/operator.h"
#include "plan/plan.h"

using octet::Context;
using octet::Isa;
using octet::Operator;
using octet::Plan;

namespace {

template <typename T>
T* at(int64_t address) {
  return reinterpret_cast<T*>(address);
}

int64_t handle(const void* object) { return reinterpret_cast<int64_t>(object); }

bool is_isa(int32_t isa) { return isa >= 0 && isa < octet::kIsaCount; }

int32_t run(const Context* context, const uint8_t* const* inputs, int32_t count, int64_t out, int64_t scratch) {
  if (context == nullptr || count < context->inputs) return OCTET_INVALID_ARGUMENT;
  const octet::DefaultFpEnvironment environment;
  uint8_t* const shared = at<uint8_t>(scratch);
  const octet::Buffers buffers = {inputs, at<uint8_t>(out), shared, shared + octet::align_up(context->shared_bytes)};
  for (int phase = 0; phase < context->phases; phase++) context->run_rows(buffers, phase, 0, context->rows[phase]);
  return OCTET_OK;
}

}  // namespace

int32_t octet_abi_version(void) { return 1; }

int64_t octet_alloc(int64_t bytes) { return handle(octet::allocate(bytes)); }

void octet_free(int64_t address) { octet::release(at<void>(address)); }

int32_t octet_isa_count(void) { return octet::kIsaCount; }

int32_t octet_isa_name(int32_t isa, int64_t buffer, int32_t capacity) {
  if (!is_isa(isa) || buffer == 0) return OCTET_INVALID_ARGUMENT;
  const char* name = octet::isa_name(static_cast<Isa>(isa));
  char* to = at<char>(buffer);
  for (int32_t i = 0; i < capacity; i++) {
    to[i] = name[i];
    if (name[i] == 0) return OCTET_OK;
  }
  return OCTET_INVALID_ARGUMENT;
}

int32_t octet_isa_parent(int32_t isa) {
  if (!is_isa(isa)) return -1;
  const Isa parent = octet::isa_parent(static_cast<Isa>(isa));
  return parent == isa ? -1 : parent;
}

int32_t octet_isa_status(int32_t isa) {
  return is_isa(isa) ? octet::isa_status(static_cast<Isa>(isa)) : octet::kIsaNotBuilt;
}

int32_t octet_isa_best(void) { return octet::isa_best(); }

int32_t octet_op_create(int32_t kind, int32_t isa, int64_t attributes, int32_t attribute_slots, int64_t constants,
                        int32_t constant_count, int64_t out_op) {
  if (out_op == 0 || attribute_slots < 0 || constant_count < 0) return OCTET_INVALID_ARGUMENT;
  *at<int64_t>(out_op) = 0;
  if (!is_isa(isa) || octet::isa_status(static_cast<Isa>(isa)) != octet::kIsaRuns) return OCTET_UNAVAILABLE_ISA;
  const octet::Spec spec = {static_cast<Isa>(isa),   &octet::kernel_table(static_cast<Isa>(isa)),
                            at<int64_t>(attributes), attribute_slots,
                            at<int64_t>(constants),  constant_count};
  Operator* op = nullptr;
  const int32_t status = octet::create_operator(kind, spec, &op);
  *at<int64_t>(out_op) = handle(op);
  return status;
}

int32_t octet_op_shape(int64_t op, int64_t dims, int32_t dim_slots, int64_t out_info) {
  if (op == 0 || out_info == 0 || dim_slots < 0) return OCTET_INVALID_ARGUMENT;
  int64_t* info = at<int64_t>(out_info);
  info[0] = info[1] = info[2] = 0;
  Context* context = nullptr;
  const int32_t status = at<Operator>(op)->shape(at<int64_t>(dims), dim_slots, &context);
  if (status != OCTET_OK) return status;
  info[0] = handle(context);
  info[1] = context->scratch_bytes();
  info[2] = context->output_bytes;
  return OCTET_OK;
}

int32_t octet_op_run(int64_t context, int64_t in0, int64_t in1, int64_t out, int64_t scratch) {
  const uint8_t* const inputs[2] = {at<uint8_t>(in0), at<uint8_t>(in1)};
  return run(at<Context>(context), inputs, in1 == 0 ? 1 : 2, out, scratch);
}

int32_t octet_op_run_n(int64_t context, int64_t inputs, int32_t input_count, int64_t out, int64_t scratch) {
  return run(at<Context>(context), at<const uint8_t* const>(inputs), input_count, out, scratch);
}

int32_t octet_context_destroy(int64_t context) {
  delete at<Context>(context);
  return OCTET_OK;
}

int32_t octet_op_destroy(int64_t op) {
  delete at<Operator>(op);
  return OCTET_OK;
}

int32_t octet_plan_create(int64_t steps, int32_t slots, int64_t out_plan) {
  if (out_plan == 0 || slots < 0 || (slots > 0 && steps == 0)) return OCTET_INVALID_ARGUMENT;
  Plan* plan = nullptr;
  const int32_t status = Plan::create(at<int64_t>(steps), slots, &plan);
  *at<int64_t>(out_plan) = handle(plan);
  return status;
}

int32_t octet_plan_run(int64_t plan, int64_t arena, int64_t io, int32_t threads, int32_t spin_micros) {
  if (plan == 0) return OCTET_INVALID_ARGUMENT;
  const octet::DefaultFpEnvironment environment;
  at<const Plan>(plan)->run(at<uint8_t>(arena), at<int64_t>(io), {threads, spin_micros});
  return OCTET_OK;
}

int32_t octet_plan_destroy(int64_t plan) {
  delete at<Plan>(plan);
  return OCTET_OK;
}
