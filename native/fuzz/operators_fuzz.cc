// libFuzzer's entry: makes, shapes and runs a random operator, alone and in a plan, in buffers of exactly the sizes that
// its attributes imply, so that AddressSanitizer sees every access outside. Inputs have the 64 readable bytes past their
// end that octet_alloc gives; constants and outputs have none.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_case.h"
#include "octet/octet.h"
#include "octet/octet_kinds.h"

namespace {

using fuzz::Case;
using fuzz::Source;

#define REQUIRE(condition)                                    \
  do {                                                        \
    if (!(condition)) {                                       \
      fprintf(stderr, "line %d: %s\n", __LINE__, #condition); \
      abort();                                                \
    }                                                         \
  } while (0)

int64_t address(const void* p) { return reinterpret_cast<int64_t>(p); }

class Block {
 public:
  // `past_end` more bytes may be read; `offset` is where the contents begin.
  Block(int64_t bytes, int64_t past_end, int64_t offset) : offset_(offset) {
    REQUIRE(posix_memalign(&memory_, 64, static_cast<size_t>(bytes + past_end + offset)) == 0);
    memset(memory_, 0, static_cast<size_t>(bytes + past_end + offset));
  }
  Block(Block&& other) : memory_(other.memory_), offset_(other.offset_) { other.memory_ = nullptr; }
  ~Block() { free(memory_); }
  uint8_t* data() const { return static_cast<uint8_t*>(memory_) + offset_; }

 private:
  void* memory_ = nullptr;
  int64_t offset_;
};

constexpr int64_t kPastEnd = 64;

int64_t round_up(int64_t n) { return (n + 63) / 64 * 64; }

int32_t pick_isa(Source* s) {
  const int32_t isa = static_cast<int32_t>(s->below(octet_isa_count()));
  return octet_isa_status(isa) == 0 ? isa : octet_isa_best();
}

void run_alone(Source* s, const Case& c, int64_t context, int64_t scratch_bytes, const std::vector<Block>& inputs) {
  const Block out(c.output, 0, s->below(8) * c.output_alignment), scratch(scratch_bytes, 0, 0);
  std::vector<int64_t> list;
  for (const Block& b : inputs) list.push_back(address(b.data()));
  const int32_t n = static_cast<int32_t>(list.size());
  const int32_t status =
      n <= 2 ? octet_op_run(context, list[0], n == 2 ? list[1] : 0, address(out.data()), address(scratch.data()))
             : octet_op_run_n(context, address(list.data()), n, address(out.data()), address(scratch.data()));
  REQUIRE(status == OCTET_OK);
}

// The operator twice: from external inputs into the arena, and into an external output.
void run_plan(Source* s, const Case& c, int64_t context, int64_t scratch_bytes, const std::vector<Block>& inputs) {
  const Block out(c.output, 0, s->below(8) * c.output_alignment);
  const int64_t scratch = round_up(c.output);
  const Block arena(scratch + scratch_bytes, scratch_bytes == 0 ? kPastEnd : 0, 0);
  std::vector<int64_t> steps, io;
  for (int step = 0; step < 2; step++) {
    steps.insert(steps.end(), {context, scratch, static_cast<int64_t>(inputs.size())});
    for (size_t i = 0; i < inputs.size(); i++) steps.push_back(-1 - static_cast<int64_t>(i));
    steps.push_back(step == 0 ? 0 : -1 - static_cast<int64_t>(inputs.size()));
  }
  for (const Block& b : inputs) io.push_back(address(b.data()));
  io.push_back(address(out.data()));
  int64_t plan = 0;
  const int32_t slots = static_cast<int32_t>(steps.size());
  REQUIRE(octet_plan_create(address(steps.data()), slots, address(&plan)) == OCTET_OK);
  // Records cut short are refused or end between two steps.
  int64_t cut = 0;
  octet_plan_create(address(steps.data()), static_cast<int32_t>(s->below(slots)), address(&cut));
  octet_plan_destroy(cut);
  REQUIRE(octet_plan_run(plan, address(arena.data()), address(io.data()), static_cast<int32_t>(s->between(0, 3)),
                         static_cast<int32_t>(s->between(-1, 20))) == OCTET_OK);
  octet_plan_destroy(plan);
}

// Attributes out of range: refused, or harmless; never run.
void create_broken(Source* s, Case c, int32_t isa, const std::vector<int64_t>& constants) {
  // Sizes of constants follow from attributes, so only kinds without any may be changed freely.
  if (!c.constants.empty() || c.attributes.empty()) return;
  int64_t& slot = c.attributes[static_cast<size_t>(s->below(static_cast<int64_t>(c.attributes.size())))];
  slot = s->one_in(2) ? int64_t{1} << s->below(63) : -s->below(1000);
  int64_t op = 0;
  // Codes beyond their type are the Java side's to refuse.
  if (c.kind == OCTET_TRANSPOSE || c.kind == OCTET_MAXPOOL || c.kind == OCTET_UNARY_F32 || c.kind == OCTET_BINARY_F32 ||
      c.kind == OCTET_HISTOGRAM_F32) {
    octet_op_create(c.kind, isa, address(c.attributes.data()), static_cast<int32_t>(c.attributes.size()),
                    address(constants.data()), static_cast<int32_t>(constants.size()), address(&op));
    octet_op_destroy(op);
  }
  const int32_t fewer = static_cast<int32_t>(s->below(static_cast<int64_t>(c.attributes.size())));
  REQUIRE(octet_op_create(c.kind, isa, address(c.attributes.data()), fewer, address(constants.data()),
                          static_cast<int32_t>(constants.size()), address(&op)) != OCTET_OK ||
          op != 0);
  octet_op_destroy(op);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Source s(data, size);
  const Case c = fuzz::make_case(&s);
  const int32_t isa = pick_isa(&s);
  int64_t op = 0, info[3];
  {
    // Packed or copied by create: gone before the first run.
    std::vector<Block> constants;
    std::vector<int64_t> list(4, 0);
    for (size_t i = 0; i < c.constants.size(); i++) {
      if (c.constants[i] < 0) continue;
      constants.emplace_back(c.constants[i], 0, 0);
      s.fill(constants.back().data(), c.constants[i]);
      if (c.finite == static_cast<int>(i)) {
        float* values = reinterpret_cast<float*>(constants.back().data());
        for (int64_t k = 0; k < c.constants[i] / 4; k++)
          values[k] = static_cast<float>(s.between(0, 255)) * (s.one_in(9) ? 1e30f : 1e-4f);
      }
      list[i] = address(constants.back().data());
    }
    create_broken(&s, c, isa, list);
    REQUIRE(octet_op_create(c.kind, isa, address(c.attributes.data()), static_cast<int32_t>(c.attributes.size()),
                            address(list.data()), 4, address(&op)) == OCTET_OK);
  }
  REQUIRE(octet_op_shape(op, address(c.dims.data()), static_cast<int32_t>(c.dims.size()), address(info)) == OCTET_OK);
  REQUIRE(info[2] == c.output);
  std::vector<Block> inputs;
  for (const int64_t bytes : c.inputs) {
    inputs.emplace_back(bytes, kPastEnd, s.below(8) * c.input_alignment);
    s.fill(inputs.back().data(), bytes);
  }
  run_alone(&s, c, info[0], info[1], inputs);
  run_plan(&s, c, info[0], info[1], inputs);
  octet_context_destroy(info[0]);
  octet_op_destroy(op);
  return 0;
}
