// The kernel of avxvnni, compiled for AVX-512: its instruction in the EVEX encoding (test/CMakeLists.txt). So its arithmetic
// is checked on CPUs that have AVX512-VNNI but no AVX-VNNI, too.
#include <stdio.h>
#include <string.h>

#include "dispatch/cpu.h"
#include "dispatch/kernel_table.h"
#include "harness.h"
#include "operators/operator.h"

#ifdef OCTET_TEST_EVEX256
extern "C" const octet::GemmKernel octet_gemm_q8__evex256;

namespace {

using namespace test;

std::vector<uint8_t> run_on(const octet::KernelTable& kernels, const Case& c) {
  std::vector<int64_t> constants;
  for (const Data& d : c.constants) {
    constants.push_back(d.bytes.empty() ? 0 : reinterpret_cast<int64_t>(d.bytes.data()));
  }
  const octet::Spec spec = {octet::Isa{0},       &kernels,
                            c.attributes.data(), static_cast<int32_t>(c.attributes.size()),
                            constants.data(),    static_cast<int32_t>(constants.size())};
  octet::Operator* op = nullptr;
  octet::Context* context = nullptr;
  std::vector<uint8_t> out;
  if (octet::create_operator(c.kind, spec, &op) == OCTET_OK &&
      op->shape(c.dims.data(), static_cast<int32_t>(c.dims.size()), &context) == OCTET_OK) {
    auto* in = static_cast<uint8_t*>(octet::allocate(static_cast<int64_t>(c.inputs[0].bytes.size())));
    auto* scratch = static_cast<uint8_t*>(octet::allocate(context->scratch_bytes()));
    memcpy(in, c.inputs[0].bytes.data(), c.inputs[0].bytes.size());
    out.resize(static_cast<size_t>(context->output_bytes));
    const uint8_t* inputs[] = {in};
    const octet::Buffers buffers = {inputs, out.data(), scratch, scratch + octet::align_up(context->shared_bytes)};
    for (int phase = 0; phase < context->phases; phase++) context->run_rows(buffers, phase, 0, context->rows[phase]);
    octet::release(in);
    octet::release(scratch);
  }
  delete context;
  delete op;
  return out;
}

void linear(const octet::KernelTable& kernels, int64_t m, int64_t k, int64_t n, int type, Fill fill) {
  Case c;
  c.name = "evex256 " + std::to_string(m) + " " + std::to_string(k) + " " + std::to_string(n);
  c.kind = OCTET_CONV_Q8;
  const int low = type == OCTET_S8 ? -128 : 0;
  c.attributes = {type, type, k, n, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, low + 3, low + 100, low, low + 255};
  std::vector<float> multiplier;
  std::vector<int32_t> bias;
  for (int64_t i = 0; i < n; i++) {
    multiplier.push_back(0.001f + static_cast<float>(i) * 1e-5f);
    bias.push_back(static_cast<int32_t>(i * 37 - 500));
  }
  c.constants = {make(OCTET_S8, n * k, fill, 3), of(OCTET_F32, multiplier), {}, of(OCTET_S32, bias)};
  c.dims = {m, 1, 1};
  c.inputs = {make(type, m * k, fill, 4)};
  c.out_type = type;
  expect(run_on(kernels, c) == reference(c), c.name);
}

void encodings() {
  const octet::CpuFeatures cpu = octet::detect_cpu();
  if (!cpu.avx512f || !cpu.avx512vl || !cpu.avx512vnni || !cpu.os_saves_zmm) {
    printf("encoding: not run, the CPU has no AVX512-VNNI\n");
    return;
  }
  octet::KernelTable kernels = octet::kernel_table(octet::Isa{0});
  kernels.gemm_q8 = &octet_gemm_q8__evex256;
  for (const int64_t m : {1, 2, 3, 4, 5, 6, 7, 13, 64}) {
    for (const int64_t k : {1, 3, 4, 5, 16, 17, 67, 256}) {
      for (const int64_t n : {1, 7, 8, 9, 16, 17, 33}) {
        for (const int type : {OCTET_U8, OCTET_S8}) {
          for (const Fill fill : kFills) linear(kernels, m, k, n, type, fill);
        }
      }
    }
  }
}

const Family family("encoding", encodings);

}  // namespace
#endif
