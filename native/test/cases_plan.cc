// Plans: several steps through an arena, any number of threads, many callers at once; what the ABI refuses.
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "harness.h"
#include "octet/octet.h"
#include "octet/octet_kinds.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace {

using namespace test;

int64_t address(const void* p) { return reinterpret_cast<int64_t>(p); }

constexpr int64_t kCount = 200000;

// quantize -> add with itself -> dequantize, and the minimum and maximum of the input.
struct Network {
  int64_t op[4] = {}, info[4][3] = {}, plan = 0;
  int64_t codes = 0, sum = 0, scratch = 0, arena_bytes = 0;
  bool ok = true;

  Network() {
    const int64_t quantize[] = {OCTET_U8, bits(4), 100, 0, 255, 0, bits(0.25f), 0};
    const int64_t add[] = {OCTET_U8, bits(0.25f), 100, bits(0.25f), 100, bits(2), 100, 0, 255};
    const int64_t dequantize[] = {OCTET_U8, bits(0.5f), 100, 0}, minmax[] = {0};
    const int64_t layout[] = {1, 1, kCount};
    make(0, OCTET_QUANTIZE, quantize, 8, layout, 3);
    make(1, OCTET_ADD_Q8, add, 9, &layout[2], 1);
    make(2, OCTET_DEQUANTIZE, dequantize, 4, layout, 3);
    make(3, OCTET_MINMAX_F32, minmax, 1, layout, 3);
    sum = (kCount + 63) / 64 * 64;
    scratch = 2 * sum;
    for (const auto& i : info) arena_bytes = scratch + i[1] > arena_bytes ? scratch + i[1] : arena_bytes;
    const int64_t steps[] = {info[0][0], scratch, 1, -1,  codes, info[1][0], scratch, 2, codes, codes, sum,
                             info[2][0], scratch, 1, sum, -2,    info[3][0], scratch, 1, -1,    -3};
    ok &= octet_plan_create(address(steps), sizeof steps / sizeof *steps, address(&plan)) == OCTET_OK;
  }
  void make(int i, int kind, const int64_t* attributes, int slots, const int64_t* dims, int dim_slots) {
    ok &= octet_op_create(kind, octet_isa_best(), address(attributes), slots, 0, 0, address(&op[i])) == OCTET_OK;
    ok &= octet_op_shape(op[i], address(dims), dim_slots, address(info[i])) == OCTET_OK;
  }
  ~Network() {
    octet_plan_destroy(plan);
    for (int i = 0; i < 4; i++) {
      octet_context_destroy(info[i][0]);
      octet_op_destroy(op[i]);
    }
  }
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  std::vector<float> run(const Data& x, int threads, int spin_micros = 0) const {
    std::vector<float> out(kCount + 3);
    const int64_t arena = octet_alloc(arena_bytes);
    const int64_t io[] = {address(x.bytes.data()), address(out.data()), address(out.data() + kCount)};
    const int32_t status = octet_plan_run(plan, arena, address(io), threads, spin_micros);
    octet_free(arena);
    return status == OCTET_OK ? out : std::vector<float>();
  }
};

struct Caller {
  const Network* network;
  const Data* x;
  const std::vector<float>* expected;
  int threads;
  bool same = true;
};

void* call(void* argument) {
  Caller& c = *static_cast<Caller*>(argument);
  for (int i = 0; i < 50; i++) {
    const std::vector<float> out = c.network->run(*c.x, c.threads, i % 3 * 20);
    c.same &= out.size() == c.expected->size() && memcmp(out.data(), c.expected->data(), out.size() * 4) == 0;
  }
  return nullptr;
}

void plans() {
  const Network network;
  expect(network.ok, "a network can be made");
  const Data x = make(OCTET_F32, kCount, Fill::kRandom, 1);
  const std::vector<float> expected = network.run(x, 1);
  expect(expected.size() == kCount + 3 && expected[kCount] < expected[kCount + 1], "a network runs");
  for (const int threads : {-1, 0, 2, 3, 16, 1000}) {
    const std::vector<float> out = network.run(x, threads);
    expect(out.size() == expected.size() && memcmp(out.data(), expected.data(), out.size() * 4) == 0,
           "the same bits with " + std::to_string(threads) + " threads");
  }
  for (int i = 0; i < 200; i++) {
    const std::vector<float> out = network.run(x, 2 + i % 3, i % 4 * 50);
    expect(out.size() == expected.size() && memcmp(out.data(), expected.data(), out.size() * 4) == 0,
           "the same bits from workers that sleep and that spin between runs");
  }
  pthread_t threads[8];
  std::vector<Caller> callers(8, Caller{&network, &x, &expected, 1});
  for (int i = 0; i < 8; i++) {
    callers[static_cast<size_t>(i)].threads = 1 + i % 3;
    pthread_create(&threads[i], nullptr, call, &callers[static_cast<size_t>(i)]);
  }
  for (int i = 0; i < 8; i++) {
    pthread_join(threads[i], nullptr);
    expect(callers[static_cast<size_t>(i)].same, "the same bits from 8 callers at once");
  }
}

// The CPU time of a process that does nothing, after a run whose workers spin for a while.
void idle() {
  const Network network;
  const Data x = make(OCTET_F32, kCount, Fill::kRandom, 1);
  network.run(x, 8, 2000);
  const timespec pause = {0, 300000000};
  timespec before, after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
  nanosleep(&pause, nullptr);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
  const int64_t used = int64_t{1000000000} * (after.tv_sec - before.tv_sec) + after.tv_nsec - before.tv_nsec;
  expect(used < pause.tv_nsec / 2, "workers sleep when their time to spin is over");
}

void refusals() {
  int64_t handle = 1, info[3];
  const int64_t attributes[16] = {99};
  expect(octet_op_create(9999, 0, address(attributes), 16, 0, 0, address(&handle)) == OCTET_UNSUPPORTED_KIND &&
             handle == 0,
         "an unknown kind");
  expect(octet_op_create(OCTET_QUANTIZE, 0, address(attributes), 16, 0, 0, address(&handle)) == OCTET_INVALID_ARGUMENT,
         "a wrong type");
  expect(octet_op_create(OCTET_QUANTIZE, 0, address(attributes), 2, 0, 0, address(&handle)) == OCTET_INVALID_ARGUMENT,
         "missing attributes");
  for (const int isa : {-1, 1000}) {
    expect(
        octet_op_create(OCTET_QUANTIZE, isa, address(attributes), 16, 0, 0, address(&handle)) == OCTET_UNAVAILABLE_ISA,
        "an unknown ISA");
  }
  for (int isa = 0; isa < octet_isa_count(); isa++) {
    const int32_t status = octet_op_create(OCTET_TRANSPOSE, isa, address(&attributes[1]), 0, 0, 0, address(&handle));
    expect(status == (octet_isa_status(isa) == 0 ? OCTET_INVALID_ARGUMENT : OCTET_UNAVAILABLE_ISA),
           "ISA status and create agree");
  }
  const int64_t four = 4, huge[] = {INT64_MAX / 2, 3, 5}, negative[] = {-1, 1, 1};
  expect(octet_op_create(OCTET_TRANSPOSE, 0, address(&four), 1, 0, 0, address(&handle)) == OCTET_OK, "transpose");
  expect(octet_op_shape(handle, address(huge), 3, address(info)) == OCTET_INVALID_ARGUMENT, "a size that overflows");
  expect(octet_op_shape(handle, address(negative), 3, address(info)) == OCTET_INVALID_ARGUMENT, "a negative size");
  expect(octet_op_shape(handle, address(huge), 1, address(info)) == OCTET_INVALID_ARGUMENT, "missing dimensions");
  octet_op_destroy(handle);
  const int64_t broken[] = {0, 0, 1, 0, 0};
  expect(octet_plan_create(address(broken), 5, address(&handle)) == OCTET_INVALID_ARGUMENT, "a plan without a context");
  expect(octet_alloc(-1) == 0 && octet_alloc(INT64_MAX) == 0, "no memory");
  const int64_t block = octet_alloc(0);
  expect(block != 0 && block % 64 == 0, "an empty block");
  octet_free(block);
}

// Denormals stay what they are although the caller flushes them, and the caller's setting comes back.
void fp_environment() {
#if defined(__x86_64__)
  const Case c = {
      "denormals",
      OCTET_BINARY_F32,
      {0, bits(-1), bits(1)},
      {},
      {2},
      {of(OCTET_F32, std::vector<float>{1e-40f, 3e-40f}), of(OCTET_F32, std::vector<float>{1e-40f, -1e-40f})},
      OCTET_F32};
  const std::vector<uint8_t> expected = reference(c);
  const unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0xE040);  // flush to zero, denormals are zero, round towards zero
  const unsigned mine = _mm_getcsr();
  const std::vector<uint8_t> out = reference(c);
  const bool restored = _mm_getcsr() == mine;
  _mm_setcsr(before);
  expect(restored, "MXCSR is restored");
  expect(out == expected, "MXCSR is set");
  expect(expected != std::vector<uint8_t>(8, 0), "denormals are kept");
#endif
}

void all() {
  plans();
  idle();
  refusals();
  fp_environment();
}

const Family family("plan", all);

}  // namespace
