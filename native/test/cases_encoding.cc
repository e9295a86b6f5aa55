// The kernels of avxvnni, compiled for AVX-512: their instruction in the EVEX encoding (test/CMakeLists.txt). So their
// arithmetic is checked on CPUs that have AVX512-VNNI but no AVX-VNNI, too.
#include <stdio.h>
#include <string.h>

#include "dispatch/cpu.h"
#include "dispatch/kernel_table.h"
#include "harness.h"
#include "operators/operator.h"

#ifdef OCTET_TEST_EVEX256
extern "C" const octet::GemmKernel octet_gemm_q8__evex256;
extern "C" const octet::DepthwiseQ8Kernel octet_depthwise_q8__evex256;
extern "C" const octet::GroupedQ8Kernel octet_grouped_q8__evex256;

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

// x: {batch, height, width}; the other attributes are those of the kind, from Cin to groups; k weights for an output.
void check_on(const octet::KernelTable& kernels, const std::vector<int64_t>& x, const std::vector<int64_t>& geometry,
              int64_t k, int type, Fill fill, int out_zero_point = 100, int qmax = 255) {
  Case c;
  c.name = "evex256";
  c.kind = OCTET_CONV_Q8;
  c.attributes = {type, type};
  c.attributes.insert(c.attributes.end(), geometry.begin(), geometry.end());
  const int low = type == OCTET_S8 ? -128 : 0;
  for (const int v : {3, out_zero_point, 0, qmax}) c.attributes.push_back(low + v);
  const int64_t cin = geometry[0], cout = geometry[1];
  std::vector<float> multiplier;
  std::vector<int32_t> bias;
  for (int64_t i = 0; i < cout; i++) {
    multiplier.push_back(0.001f + static_cast<float>(i) * 1e-5f);
    bias.push_back(static_cast<int32_t>(i * 37 - 500));
  }
  c.constants = {make(OCTET_S8, cout * k, fill, 3), of(OCTET_F32, multiplier), {}, of(OCTET_S32, bias)};
  c.dims = x;
  c.inputs = {make(type, x[0] * x[1] * x[2] * cin, fill, 4)};
  c.out_type = type;
  for (const int64_t v : c.dims) c.name += " " + std::to_string(v);
  for (const int64_t v : c.attributes) c.name += " " + std::to_string(v);
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
          for (const Fill fill : kFills) {
            check_on(kernels, {m, 1, 1}, {k, n, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1}, k, type, fill);
          }
        }
      }
    }
  }
  kernels.depthwise_q8 = &octet_depthwise_q8__evex256;
  for (const int64_t channels : {7, 16, 24, 32, 40, 64}) {
    for (const int64_t window : {2, 3, 5}) {
      for (const int64_t stride : {1, 2}) {
        for (const int type : {OCTET_U8, OCTET_S8}) {
          const int64_t pad = window / 2, k = window * window;
          const std::vector<int64_t> geometry = {channels, channels, window, window, stride, stride,  pad,
                                                 pad,      pad,      pad,    1,      1,      channels};
          for (const Fill fill : kFills) {
            check_on(kernels, {1, 8, 11}, geometry, k, type, fill, 0);
            check_on(kernels, {2, 7, 6}, geometry, k, type, fill, 128);
            check_on(kernels, {1, 5, 7}, geometry, k, type, fill, 100, 200);
          }
        }
      }
    }
  }
  kernels.grouped_q8 = &octet_grouped_q8__evex256;
  for (const int64_t channels : {2, 4, 8, 16}) {
    for (const int64_t groups : {2, 3, 7, 9}) {
      for (const int64_t width : {1, 2, 4, 7, 9}) {
        for (const int64_t stride : {1, 2}) {
          for (const int type : {OCTET_U8, OCTET_S8}) {
            const int64_t all = channels * groups;
            const std::vector<int64_t> geometry = {all, all, 3, 3, stride, stride, 1, 1, 1, 1, 1, 1, groups};
            for (const Fill fill : kFills) check_on(kernels, {1, 3, width}, geometry, 9 * channels, type, fill);
          }
        }
      }
    }
  }
}

const Family family("encoding", encodings);

}  // namespace
#endif
