// The C ABI of the native library: the only header that JavaCPP parses.
//
// Everything that crosses is a primitive. A handle or an address is an int64_t, 0 meaning "none": a call with primitives
// costs about 5 ns from the JVM, one with a Pointer object twice that. Java has checked shapes, dtypes, bounds and
// lifetimes before it calls; these functions check again only what costs nothing and return a status.
//
// A new operator adds a kind and an attribute row to octet_kinds.h and never changes this file.
#ifndef OCTET_OCTET_H_
#define OCTET_OCTET_H_

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Status codes. Every function that can fail returns one.
enum {
  OCTET_OK = 0,
  OCTET_INVALID_ARGUMENT = 1,  // a bug on the Java side: an attribute or dimension that it should have refused
  OCTET_OUT_OF_MEMORY = 2,
  OCTET_UNSUPPORTED_KIND = 3,
  OCTET_UNAVAILABLE_ISA = 4,
};

// Version of this ABI; Java refuses a library with another one.
int32_t octet_abi_version(void);

// ---- memory -------------------------------------------------------------------------------------------------------
// 64-byte aligned, with 64 readable bytes past the end. 0 when there is no memory. Contents are undefined.
int64_t octet_alloc(int64_t bytes);
void octet_free(int64_t address);

// ---- instruction sets ---------------------------------------------------------------------------------------------
// ISAs are numbered 0 .. octet_isa_count()-1 in the order of src/dispatch/isa.def; 0 is the reference.
int32_t octet_isa_count(void);
// Copies the NUL-terminated name into `buffer` (an address of `capacity` bytes).
int32_t octet_isa_name(int32_t isa, int64_t buffer, int32_t capacity);
// -1 for the root.
int32_t octet_isa_parent(int32_t isa);
// 0 runs here; 1 not built for this architecture; 2 the CPU lacks it; 3 the operating system does not save its registers.
int32_t octet_isa_status(int32_t isa);
// The best ISA that runs here.
int32_t octet_isa_best(void);

// ---- operators: create -> shape -> run -> destroy --------------------------------------------------------------------
// kind: octet_kind of octet_kinds.h. isa: the cap; kernels come from it or its ancestors.
// attributes: address of `attribute_slots` int64 slots. constants: address of `constant_count` int64 addresses (0 = absent);
// constants are packed or copied, the caller may free them afterwards. *out_op receives the handle.
int32_t octet_op_create(int32_t kind, int32_t isa, int64_t attributes, int32_t attribute_slots, int64_t constants,
                        int32_t constant_count, int64_t out_op);
// An immutable context for one input shape. dims: address of `dim_slots` int64. out_info receives three int64:
// {context handle, scratch bytes, output bytes}. The operator must outlive its contexts.
int32_t octet_op_shape(int64_t op, int64_t dims, int32_t dim_slots, int64_t out_info);
// Runs on the calling thread. in1 is 0 for unary operators. scratch: 64-byte aligned, at least the context's scratch bytes.
// Thread-safe, does not allocate.
int32_t octet_op_run(int64_t context, int64_t in0, int64_t in1, int64_t out, int64_t scratch);
// The same for operators with any number of inputs: `inputs` is the address of input_count int64 addresses.
int32_t octet_op_run_n(int64_t context, int64_t inputs, int32_t input_count, int64_t out, int64_t scratch);
int32_t octet_context_destroy(int64_t context);
int32_t octet_op_destroy(int64_t op);

// ---- plans ----------------------------------------------------------------------------------------------------------
// steps: `slots` int64, a sequence of records
//   {context, scratch offset in the arena, input count, input refs ..., output ref}
// A ref >= 0 is a byte offset into the arena; a ref < 0 is the external buffer number -1 - ref of `io`.
// The contexts must outlive the plan. *out_plan receives the handle.
int32_t octet_plan_create(int64_t steps, int32_t slots, int64_t out_plan);
// Runs all steps. io: address of the external addresses. threads: 1 runs on the caller alone; n > 1 asks the process-wide
// pool, and runs alone when it is busy. The same bits for every thread count. spin_micros: so long the pool's workers stay
// awake after the run, for the next one; <= 0: they sleep at once. Thread-safe, does not allocate.
int32_t octet_plan_run(int64_t plan, int64_t arena, int64_t io, int32_t threads, int32_t spin_micros);
int32_t octet_plan_destroy(int64_t plan);

#ifdef __cplusplus
}
#endif

#endif  // OCTET_OCTET_H_
