// What an operator is to the ABI and to the plan executor.
//
//   create   a factory (operators.def) reads a Spec, packs the constants, picks kernels from spec.kernels
//   shape    makes an immutable Context for one input shape: sizes, tiles, offsets
//   run      Context::run_rows over a range of rows; const, thread-safe, allocation-free
//
// No exceptions: functions that can fail return a status code of octet.h.
#ifndef OCTET_OPERATORS_OPERATOR_H_
#define OCTET_OPERATORS_OPERATOR_H_

#include <stdint.h>

#include "base/memory.h"
#include "dispatch/kernel_table.h"
#include "octet/octet.h"
#include "octet/octet_kinds.h"

namespace octet {

// What octet_op_create was given. Slots were counted against operators.def before a factory sees them.
struct Spec {
  Isa isa;
  const KernelTable* kernels;  // of isa
  const int64_t* attributes;
  int32_t attribute_slots;
  const int64_t* constants;
  int32_t constant_count;

  int64_t integer(int slot) const { return attributes[slot]; }
  // An "f" slot: the raw bits stand in the low half.
  float real(int slot) const {
    const uint32_t bits = static_cast<uint32_t>(attributes[slot]);
    float value;
    __builtin_memcpy(&value, &bits, 4);
    return value;
  }
  // Null when absent.
  template <typename T>
  const T* constant(int i) const {
    return reinterpret_cast<const T*>(constants[i]);
  }
};

// What a run works on.
struct Buffers {
  const uint8_t* const* in;  // Context::inputs addresses
  uint8_t* out;
  uint8_t* shared;   // shared_bytes, one for all threads, lives through all phases
  uint8_t* scratch;  // thread_bytes, this thread's own, undefined at every call of run_rows
};

class Context : public Allocated {
 public:
  static constexpr int kMaxPhases = 4;

  virtual ~Context() = default;

  // Computes rows [y0, y1) of `phase`, 0 <= y0 <= y1 <= rows[phase]. Ranges of one phase run at the same time on
  // several threads and are cut anywhere: a row's result must not depend on the cut. Phase p+1 starts when all of p is
  // done.
  virtual void run_rows(const Buffers& buffers, int phase, int64_t y0, int64_t y1) const = 0;

  int inputs = 1;
  int phases = 1;
  // Units of work of the operator's own choice: image rows, tiles, blocks of elements.
  int64_t rows[kMaxPhases] = {0, 0, 0, 0};
  int64_t output_bytes = 0;
  // What one row of the last phase writes, where rows lie one behind the other in the output; 0 where they do not.
  int64_t row_bytes = 0;
  int64_t shared_bytes = 0;
  int64_t thread_bytes = 0;

  // What one caller must bring: [shared][its own thread's].
  int64_t scratch_bytes() const { return align_up(shared_bytes) + thread_bytes; }
};

class Operator : public Allocated {
 public:
  virtual ~Operator() = default;
  // dims: as in octet_kinds.h, not yet checked. *context is made with `new`; it may point into this operator.
  virtual int32_t shape(const int64_t* dims, int32_t slots, Context** context) const = 0;
};

// The end of a factory or of shape: hands out what was made, or nothing and the status where its init fails.
template <typename T, typename Base, typename... Arguments>
int32_t initialised(T* made, Base** out, const Arguments&... arguments) {
  if (made == nullptr) return OCTET_OUT_OF_MEMORY;
  const int32_t status = made->init(arguments...);
  if (status != OCTET_OK) {
    delete made;
    return status;
  }
  *out = made;
  return OCTET_OK;
}

// *op is made with `new`.
int32_t create_operator(int32_t kind, const Spec& spec, Operator** op);

// Element size of an octet_type.
inline int64_t type_bytes(int64_t type) { return type == OCTET_F32 || type == OCTET_S32 ? 4 : 1; }
inline bool is_code_type(int64_t type) { return type == OCTET_U8 || type == OCTET_S8; }

}  // namespace octet

#endif  // OCTET_OPERATORS_OPERATOR_H_
